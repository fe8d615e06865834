"""Where files that a task names are looked for: the role, the folder of the file, the playbook's folder."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass

from orchestr8.core.errors import Diagnostic, InvalidInput
from orchestr8.core.span import span_of
from orchestr8.core.suggest import did_you_mean


@dataclass(frozen=True, slots=True)
class Search:
    """Finds files from where a task stands.

    source: the file the task is in. role_paths: the role's folder, then those of the roles that use it.
    """

    source: str
    playbook_dir: str
    role_paths: tuple[str, ...] = ()

    def places(self, name: str, folder: str) -> list[str]:
        """Return every path that `name` may stand for, the first match counts."""
        name = os.path.expanduser(name)
        if os.path.isabs(name):
            return [name]
        here = os.path.dirname(self.source)
        if folder == "tasks":
            return self._tasks(name, here)
        return _unique(
            os.path.normpath(os.path.join(root, part, name))
            for root in (*self.role_paths, here, self.playbook_dir)
            for part in (folder, "")
        )

    def _tasks(self, name: str, here: str) -> list[str]:
        in_roles = (part for path in self.role_paths for part in (os.path.join(path, "tasks"), path))
        roots = [here, *in_roles, self.playbook_dir]
        return _unique(os.path.normpath(os.path.join(root, name)) for root in roots)

    def look(self, name: str, folder: str) -> str | None:
        """Return the path of `name`, or None."""
        try:
            return next((path for path in self.places(name, folder) if os.path.exists(path)), None)
        except ValueError:
            return None

    def find(self, name: str, folder: str) -> str:
        """Return the path of `name`; raise InvalidInput naming every place looked at."""
        found = self.look(name, folder)
        if found is None:
            raise InvalidInput(missing(name, self.places(name, folder)))
        return found


def missing(name: str, places: Iterable[str], code: str = "O8-1402", what: str = "file") -> Diagnostic:
    """Return what to say of a file that is nowhere: every place, and a file there with a near name."""
    looked = list(places)
    near: set[str] = set()
    for path in looked:
        folder = os.path.dirname(path) or "."
        near.update(os.listdir(folder) if os.path.isdir(folder) else ())
    hint = did_you_mean(os.path.basename(name), near)
    notes = tuple(f"looked for {path}" for path in looked)
    return Diagnostic(code, f"there is no {what} `{name}`", span_of(name), hint, notes=notes)


def _unique(paths: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(paths))
