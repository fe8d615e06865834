"""Reads what a playbook names, for checks before the run."""

from __future__ import annotations

import os
from pathlib import Path

from orchestr8.core.span import Mapping
from orchestr8.language.files import Files
from orchestr8.language.schema import is_template
from orchestr8.language.search import Search
from orchestr8.language.session import folder
from orchestr8.language.static_files import source_file
from orchestr8.language.syntax import Play, Task
from orchestr8.language.walking import Around

_ENDINGS = (".yml", ".yaml", ".json")


class StaticReader:
    """Reads files with constant names; what is not there or not readable is None."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._lines: dict[str, list[str]] = {}

    def template(self, task: Task, around: Around, play: Play) -> tuple[str, str] | None:
        """Return path and text of the file that a `template` task renders."""
        if is_template(task.args.get("src")):
            return None
        path = source_file(task, around, play)
        try:
            return (path, Path(path).read_text(encoding="utf-8")) if path else None
        except (OSError, ValueError):
            return None

    def variables(self, name: str, task: Task | None, around: Around, play: Play) -> Mapping | None:
        """Return the variables of a file named by `vars_files` or `include_vars`.

        A name that is a template may mean any file where such files are kept: those are read together.
        """
        paths = tuple(use.role.path for use in reversed(around.roles))
        search = Search(task.source if task else play.source, folder(play.source), paths)
        if is_template(name):
            return self._together(search)
        path = search.look(name, "vars")
        return self._mapping(path) if path else None

    def _mapping(self, path: str) -> Mapping | None:
        value = self._files.read(path).value
        return value if isinstance(value, Mapping) else None

    def _together(self, search: Search) -> Mapping | None:
        found: Mapping | None = None
        for place in search.places("", "vars"):
            for path in sorted(Path(place).glob("**/*")) if os.path.basename(place) == "vars" else ():
                values = self._mapping(str(path)) if path.suffix in _ENDINGS and path.is_file() else None
                found = Mapping({**(found or {}), **(values or {})}.items())
        return found

    def line(self, file: str, number: int) -> str:
        """Return a line of a file, "" when there is none."""
        lines = self._lines.get(file)
        if lines is None:
            lines = self._lines[file] = self._files.read(file).text.split("\n")
        return lines[number - 1] if 0 < number <= len(lines) else ""
