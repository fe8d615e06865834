"""Loads inventories: every form of file, comma lists, programs, plugins, and directories of them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import replace

from orchestr8.core.errors import Diagnostic, InvalidInput
from orchestr8.core.suggest import did_you_mean
from orchestr8.inventory.builder import SOURCE, Builder
from orchestr8.inventory.forms import Forms
from orchestr8.inventory.inventory import Inventory
from orchestr8.inventory.reading import Abandoned, Reading
from orchestr8.inventory.varfiles import VarFiles
from orchestr8.language.files import Files


def load(
    sources: Sequence[str],
    *,
    playbook_dirs: Iterable[str] = (),
    files: Files | None = None,
    reading: Reading | None = None,
    timeout: float | None = None,
) -> Inventory:
    """Return the inventory of all sources; raises InvalidInput with every mistake in them.

    A source is a path or a list of hosts with a comma. Variables come from group_vars and host_vars beside
    the sources and in `playbook_dirs`. `timeout` bounds each call of an inventory program, in seconds.
    """
    known, folders = files or Files(), tuple(playbook_dirs)
    how = reading or Reading()
    if timeout is not None:
        how = replace(how, timeout=timeout)
    reader = _Sources(Builder(how), known)
    for source in sources:
        reader.read(source)
    builder = reader.settled(sources)
    builder.finish()
    variables = reader.variables(sources, folders)
    problems = [*builder.problems, *variables.scan(builder.groups, builder.hosts)]
    if any(problem.severity == "error" for problem in problems):
        raise InvalidInput(*problems)

    def again() -> Inventory:
        return load(sources, playbook_dirs=folders, files=known.anew(), reading=how)

    return Inventory(builder, variables, tuple(sources), tuple(problems), again)


def is_path(source: str) -> bool:
    """Return whether a source is a file or folder rather than a list of hosts."""
    return "," not in source or os.path.exists(source)


def _folder(source: str) -> str:
    return source if os.path.isdir(source) else os.path.dirname(source) or "."


class _Sources:
    """Goes through the sources in order and has each read."""

    def __init__(self, builder: Builder, files: Files) -> None:
        self._builder = builder
        self._files = files
        self._done: list[str] = []
        self._forms = Forms(builder, files, lambda: self.variables(self._done, ()))

    def read(self, source: str) -> bool:
        """Read one source; return whether it could be read."""
        if is_path(source) and os.path.isdir(source):
            return self._read_folder(source)
        self._builder.source = source
        try:
            self._forms.read(source) if not is_path(source) or os.path.exists(source) else self._missing(
                source
            )
        except Abandoned as failure:
            self._pass_over(source, failure.problem)
            return False
        self._done.append(source)
        return True

    def _read_folder(self, source: str) -> bool:
        entries = [each for each in sorted(os.listdir(source)) if not self._builder.reading.skips(each)]
        read = [self.read(os.path.join(source, entry)) for entry in entries]
        if not any(read) and entries and not self._builder.reading.refuse_any:
            self._builder.warn(
                SOURCE, f"Unable to parse {os.path.abspath(source)} as an inventory source", None
            )
        return any(read)

    def _missing(self, source: str) -> None:
        folder = os.path.dirname(source) or "."
        near = did_you_mean(os.path.basename(source), os.listdir(folder)) if os.path.isdir(folder) else None
        self._builder.error(SOURCE, f"the inventory `{source}` does not exist", None, near)

    def _pass_over(self, source: str, problem: Diagnostic) -> None:
        shown = os.path.abspath(source) if is_path(source) else source
        form = self._forms.name(source)
        if os.path.exists(source) or not is_path(source):
            message = f"Failed to parse inventory with '{form}' plugin. {problem.message}"
            self._builder.warn(problem.code, message, problem.span, problem.hint)
        self._builder.warn(SOURCE, f"Unable to parse {shown} as an inventory source", None)

    def settled(self, sources: Sequence[str]) -> Builder:
        """Return what was read; nothing at all when no source could be read."""
        builder = self._builder
        if self._done or builder.reading.refuse_any or not sources:
            return builder
        message = "No inventory was parsed, please check your configuration and options."
        if builder.reading.refuse_all:
            raise InvalidInput(*builder.problems, Diagnostic(SOURCE, message))
        empty = Builder(builder.reading)
        empty.problems = builder.problems
        empty.warn(SOURCE, "No inventory was parsed, only implicit localhost is available", None)
        return empty

    def variables(self, sources: Iterable[str], playbook_dirs: Iterable[str]) -> VarFiles:
        """Return group_vars and host_vars beside sources and playbooks."""
        beside = list(dict.fromkeys(_folder(source) for source in sources if is_path(source)))
        return VarFiles(beside, list(dict.fromkeys(map(str, playbook_dirs))), self._files)
