"""Loads inventories: INI, YAML, comma lists, programs, and directories of them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from orchestr8.core.errors import Diagnostic, InvalidInput
from orchestr8.core.span import Span
from orchestr8.core.suggest import did_you_mean
from orchestr8.inventory.builder import SOURCE, Builder
from orchestr8.inventory.ini import IniReader
from orchestr8.inventory.inventory import Inventory
from orchestr8.inventory.script import ScriptReader
from orchestr8.inventory.varfiles import VarFiles
from orchestr8.inventory.yamlform import YamlReader
from orchestr8.language.files import Files

_YAML = frozenset((".yml", ".yaml", ".json"))
_IGNORED_ENDINGS = (
    "~", ".orig", ".bak", ".ini.bak", ".cfg", ".retry", ".pyc", ".pyo", ".swp", ".md", ".rst", ".txt",
)  # fmt: skip
_IGNORED_NAMES = frozenset(("group_vars", "host_vars", "vars_plugins"))
_LOOKS_YAML = re.compile(r"^(---|[\w.-]+:\s*($|#)|\{)", re.ASCII | re.MULTILINE)
_LARGEST = 64 * 1024 * 1024


def load(
    sources: Sequence[str],
    *,
    playbook_dirs: Iterable[str] = (),
    files: Files | None = None,
    timeout: float = 120.0,
) -> Inventory:
    """Return the inventory of all sources; raises InvalidInput with every mistake in them.

    A source is a path or a list of hosts with a comma. Variables come from group_vars and host_vars beside
    the sources and in `playbook_dirs`. `timeout` bounds each call of an inventory program, in seconds.
    """
    builder = Builder()
    reader = _Sources(builder, files or Files(), timeout)
    for source in sources:
        reader.read(source)
    builder.finish()
    beside = list(dict.fromkeys(_folder(source) for source in sources if _is_path(source)))
    variables = VarFiles(beside, list(dict.fromkeys(map(str, playbook_dirs))), reader.files)
    variables.scan()
    problems = [*builder.problems, *variables.problems]
    if any(problem.severity == "error" for problem in problems):
        raise InvalidInput(*problems)
    return Inventory(builder, variables, tuple(sources), tuple(problems))


def _is_path(source: str) -> bool:
    return "," not in source or os.path.exists(source)


def _folder(source: str) -> str:
    return source if os.path.isdir(source) else os.path.dirname(source) or "."


class _Sources:
    """Finds out what each source is and has it read."""

    def __init__(self, builder: Builder, files: Files, timeout: float) -> None:
        self._builder = builder
        self.files = files
        self._timeout = timeout

    def read(self, source: str) -> None:
        """Read one source."""
        if not _is_path(source):
            self._read_list(source)
        elif os.path.isdir(source):
            for entry in sorted(os.listdir(source)):
                if not _ignored(entry):
                    self.read(os.path.join(source, entry))
        elif os.path.exists(source):
            self._read_file(source)
        else:
            self._missing(source)

    def _missing(self, source: str) -> None:
        folder = os.path.dirname(source) or "."
        near = did_you_mean(os.path.basename(source), os.listdir(folder)) if os.path.isdir(folder) else None
        self._builder.problems.append(
            Diagnostic(SOURCE, f"the inventory `{source}` does not exist", None, near)
        )

    def _read_list(self, source: str) -> None:
        ungrouped = self._builder.groups["ungrouped"]
        for pattern in filter(None, map(str.strip, source.split(","))):
            for host in self._builder.hosts_of(pattern, None):
                self._builder.join(ungrouped, host)

    def _read_file(self, source: str) -> None:
        if os.access(source, os.X_OK):
            ScriptReader(self._builder, source, self._timeout).read()
            return
        ending = os.path.splitext(source)[1].lower()
        if ending in _YAML:
            self._read_yaml(source)
            return
        text = self._text(source)
        if text is not None and not ending and _is_yaml(text):
            self._read_yaml(source)
        elif text is not None:
            IniReader(self._builder, source).read(text)

    def _read_yaml(self, source: str) -> None:
        document = self.files.read(source)
        if isinstance(document.value, dict) and "plugin" in document.value:
            message = f"the inventory plugin `{document.value['plugin']}` is not supported"
            self._builder.error(SOURCE, message, document.span, "use an inventory program or a static file")
            return
        YamlReader(self._builder, source).read(document)

    def _text(self, source: str) -> str | None:
        try:
            if os.path.getsize(source) > _LARGEST:
                self._builder.error(SOURCE, f"the file is larger than {_LARGEST >> 20} MiB", Span(source, 1))
                return None
            return Path(source).read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
        except UnicodeDecodeError:
            self._builder.error(SOURCE, "the file is not UTF-8 text", Span(source, 1))
        except OSError as failure:
            self._builder.error(SOURCE, f"the file cannot be read: {failure.strerror}", Span(source, 1))
        return None


def _ignored(entry: str) -> bool:
    return entry.startswith(".") or entry in _IGNORED_NAMES or entry.endswith(_IGNORED_ENDINGS)


def _is_yaml(text: str) -> bool:
    """Return whether a file without a telling name reads like YAML: its first line decides."""
    for line in text.split("\n"):
        content = line.strip()
        if content and content[0] not in "#;":
            return bool(_LOOKS_YAML.match(content))
    return False
