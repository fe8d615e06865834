"""What a lookup gets to work with."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from orchestr8.template.errors import LookupFailed
from orchestr8.template.run import ABSENT, Run


class LookupCall:
    """One call of a lookup: its options, the variables, and where files are looked for."""

    def __init__(self, run: Run, options: dict[str, Any]) -> None:
        self.run = run
        self.options = options

    def variable(self, name: str, default: Any = None) -> Any:
        """Return a variable's rendered value, or `default`."""
        value = self.run.lookup(name)
        return default if value is ABSENT else value

    def option(self, name: str, default: Any = None) -> Any:
        """Return an option of the call."""
        return self.options.get(name, default)

    def folders(self, kind: str) -> list[Path]:
        """Return where a relative name is looked for: the search path's `kind` folder, then itself."""
        known = list(self.variable("ansible_search_path", None) or [])
        known += [self.variable("role_path"), self.variable("playbook_dir"), "."]
        bases = [Path(str(base)) for base in dict.fromkeys(known) if base]
        return [place for base in bases for place in (base / kind, base)]

    def find(self, name: str, kind: str) -> Path | None:
        """Return the file of a name, absolute or on the search path, or None."""
        path = Path(name).expanduser()
        if path.is_absolute():
            return path if path.exists() else None
        return next((place / path for place in self.folders(kind) if (place / path).exists()), None)

    def need(self, name: str, kind: str) -> Path:
        """Return the file of a name; it has to exist."""
        path = self.find(name, kind)
        if path is None:
            looked = "" if Path(name).is_absolute() else _looked_at(self.folders(kind))
            raise LookupFailed(f"Unable to access the file '{name}': File not found.{looked}")
        return path


def _looked_at(folders: Iterable[Path]) -> str:
    return " Looked in: " + ", ".join(str(folder) for folder in folders)


Lookup = Callable[[list[Any], LookupCall], Iterable[Any]]
