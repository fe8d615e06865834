"""How inventory sources are read: which forms count, and whether a source with mistakes stops everything."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from orchestr8.core.errors import Diagnostic

PLUGINS = ("host_list", "script", "auto", "yaml", "ini", "toml")
ENDINGS = (
    ".pyc", ".pyo", ".swp", ".bak", "~", ".rpm", ".md", ".txt", ".rst", ".orig", ".cfg", ".retry",
)  # fmt: skip
TRANSFORMS = ("never", "ignore", "always", "silently")
_ODD = re.compile(r"^[\d\W]|[^\w]")


@dataclass(frozen=True, slots=True)
class Reading:
    """Settings of reading; names and meaning of Ansible's, but that by default a wrong source is refused.

    enabled: the forms that are tried. refuse_any: a source that cannot be read is an error, else a warning.
    refuse_all: it is an error when no source could be read. group_names: what is done about characters that
    no variable's name has. extra_vars: what templates of `constructed` may see with `use_extra_vars`.
    timeout: bound on each call of an inventory program, in seconds. merge: mappings of one name add up.
    """

    enabled: tuple[str, ...] = PLUGINS
    refuse_any: bool = True
    refuse_all: bool = False
    group_names: str = "never"
    ignored_endings: tuple[str, ...] = ENDINGS
    ignored_patterns: tuple[str, ...] = ()
    extra_vars: Mapping[str, Any] = field(default_factory=dict)
    timeout: float = 120.0
    merge: bool = False

    def skips(self, entry: str) -> bool:
        """Return whether an entry of a folder of sources is passed over."""
        if entry.startswith(".") or entry in ("group_vars", "host_vars", "vars_plugins"):
            return True
        return entry.endswith(self.ignored_endings) or any(
            re.search(each, entry) for each in self.ignored_patterns
        )

    def group_name(self, name: str) -> tuple[str, str | None]:
        """Return the name that a group gets, and what to warn of."""
        if _ODD.search(name) is None or self.group_names == "ignore":
            return name, None
        if self.group_names in ("always", "silently"):
            warning = "Invalid characters were found in group names and automatically replaced"
            return safe_name(name), warning if self.group_names == "always" else None
        return name, "Invalid characters were found in group names but not replaced"


def safe_name(name: str) -> str:
    """Return a name with `_` for every character that no variable's name has."""
    return _ODD.sub("_", name)


class Abandoned(Exception):
    """A source is given up at its first mistake."""

    def __init__(self, problem: Diagnostic) -> None:
        super().__init__(problem.message)
        self.problem = problem
