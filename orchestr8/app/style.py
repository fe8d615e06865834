"""Style of a project's own files: what `o8 check --style` tells, and mends with --fix."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from orchestr8.app.catalog import Actions, catalog
from orchestr8.app.fixes import write_in_place
from orchestr8.app.options import role_places
from orchestr8.app.request import RunRequest
from orchestr8.app.secrets import secrets
from orchestr8.core.errors import Diagnostic
from orchestr8.language import builtin, style
from orchestr8.language.catalog import Catalog
from orchestr8.language.load import Loader
from orchestr8.language.style import Edit, Remark
from orchestr8.language.syntax import Task
from orchestr8.language.walking import tasks_of

_FOREIGN = ("ansible_collections", ".ansible")


@dataclass(frozen=True, slots=True)
class Style:
    """What could be written better in the files of one project."""

    _files: dict[str, dict[int, Task]]
    _names: dict[str, str]
    _known: Catalog

    def _full_name(self, action: str) -> str | None:
        if action in self._names:
            return self._names[action]
        spec = builtin.find(self._known, action)
        return f"ansible.builtin.{action}" if spec is not None and spec.own is None else None

    def findings(self) -> list[Diagnostic]:
        """Return every finding, in the order of files and lines."""
        return [remark.finding for file in sorted(self._files) for remark in self._remarks(file)]

    def _remarks(self, file: str) -> list[Remark]:
        text = _text(file)
        return list(style.remarks(text, self._files[file], self._full_name)) if text is not None else []

    def mend(self) -> list[Diagnostic]:
        """Rewrite files; return what was mended. A file that would mean anything else stays as it is."""
        return [done for file in sorted(self._files) for done in self._mend(file)]

    def _mend(self, file: str) -> list[Diagnostic]:
        wanted = [remark for remark in self._remarks(file) if remark.edits]
        before = _text(file)
        if not wanted or before is None:
            return []
        after = edited(before, (edit for remark in wanted for edit in remark.edits))
        if not self._same(before, after, self._files[file]):
            return []
        write_in_place(file, after)
        return [remark.finding for remark in wanted]

    def _same(self, before: str, after: str, lines: dict[int, Task]) -> bool:
        """Return whether two texts say the same of all tasks, read anew."""
        old = style.root(before)
        tasks = style.paths(old, lines)
        said = (style.meaning(node, tasks, self._full_name) for node in (old, style.root(after)))
        return bool(next(said) == next(said))


def edited(text: str, edits: Iterable[Edit]) -> str:
    """Return a text with edits made; of two that overlap the outer one is made."""
    begin = len(text)
    for edit in sorted(edits, key=lambda each: (each.end, -each.start), reverse=True):
        if edit.end <= begin:
            text, begin = text[: edit.start] + edit.text + text[edit.end :], edit.start
    return text


def read_style(request: RunRequest) -> Style:
    """Return the style of the files that playbooks are made of; only those of the project itself count."""
    known = catalog(Actions())
    loader = Loader(known, files=secrets(request).files(), **role_places())
    playbook, _ = loader.survey(request.playbooks)
    files: dict[str, dict[int, Task]] = defaultdict(dict)
    for play in playbook.plays:
        for task, _around in tasks_of(play, playbook.foreseen):
            if not task.implicit and _is_own(task.span.file):
                files[task.span.file][task.span.line] = task
    names: dict[str, str] = {}
    for alias, name in known.aliases.items():
        if alias.count(".") > 1:
            names.setdefault(name, alias)
    return Style(dict(files), names, known)


def _is_own(file: str) -> bool:
    here = os.path.relpath(os.path.abspath(file))
    return not here.startswith("..") and not set(_FOREIGN) & set(here.split(os.sep))


def _text(file: str) -> str | None:
    """Return the text of a file that can be rewritten as it is."""
    try:
        data = Path(file).read_bytes()
        return None if data.startswith(b"\xef\xbb\xbf") else data.decode("utf-8")
    except (OSError, UnicodeDecodeError):
        return None
