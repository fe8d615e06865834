"""Finds out in which form a source is written, and has it read."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path

from orchestr8.core.span import Span
from orchestr8.core.suggest import did_you_mean
from orchestr8.inventory.builder import SOURCE, Builder
from orchestr8.inventory.constructed import Constructed
from orchestr8.inventory.generator import Generator
from orchestr8.inventory.ini import IniReader
from orchestr8.inventory.script import ScriptReader
from orchestr8.inventory.tomlform import TomlReader
from orchestr8.inventory.varfiles import VarFiles
from orchestr8.inventory.yamlform import YamlReader
from orchestr8.language.files import Files
from orchestr8.language.yaml import Document

_YAML = frozenset((".yml", ".yaml", ".json"))
_LOOKS_YAML = re.compile(r"^(---|[\w.-]+:\s*($|#)|\{|plugin:)", re.ASCII | re.MULTILINE)
_LARGEST = 64 * 1024 * 1024
_PROGRAM = (b"#!", b"\x7fELF")
_GIVEN = ("generator", "constructed")
_LISTS = ("host_list", "advanced_host_list")


class Forms:
    """Reads single sources into a builder.

    earlier: returns the variable files beside the sources that were read before.
    """

    def __init__(self, builder: Builder, files: Files, earlier: Callable[[], VarFiles]) -> None:
        self._builder = builder
        self._files = files
        self._earlier = earlier

    def name(self, source: str) -> str:
        """Return the name of a source's form: ini, yaml, toml, script, host_list, or a plugin's name."""
        enabled = self._builder.reading.enabled
        if not os.path.exists(source):
            return next((each for each in _LISTS if each in enabled), "host_list") if "," in source else "ini"
        if _is_program(source) and "script" in enabled:
            return "script"
        ending = os.path.splitext(source)[1].lower()
        if ending == ".toml":
            return "toml"
        if ending in _YAML or (ending in ("", ".config") and self._looks_like_yaml(source)):
            return self._plugin(source) or "yaml"
        return "ini"

    def _plugin(self, source: str) -> str | None:
        value = self._files.read(source).value
        if isinstance(value, Mapping) and value.get("plugin"):
            return str(value["plugin"]).removeprefix("ansible.builtin.")
        alone = [each for each in self._builder.reading.enabled if each in _GIVEN]
        return alone[0] if alone and "yaml" not in self._builder.reading.enabled else None

    def read(self, source: str) -> None:
        """Read a source."""
        form = self.name(source)
        enabled = self._builder.reading.enabled
        if form not in enabled and not (form not in ("ini", "yaml", "toml", "script") and "auto" in enabled):
            hint = f"the settings allow {', '.join(enabled)}"
            self._builder.error(SOURCE, f"`{source}` is read as {form}, which is not enabled", None, hint)
        elif form in _LISTS:
            self._list(source)
        elif form == "script":
            ScriptReader(self._builder, source, self._builder.reading.timeout).read()
        elif form == "yaml":
            YamlReader(self._builder, source).read(self._files.read(source))
        elif form in ("ini", "toml"):
            self._text(source, form)
        else:
            self._configured(form, self._files.read(source))

    def _list(self, source: str) -> None:
        ungrouped = self._builder.groups["ungrouped"]
        for pattern in filter(None, map(str.strip, source.split(","))):
            for host in self._builder.hosts_of(pattern, None):
                self._builder.join(ungrouped, host)

    def _configured(self, plugin: str, document: Document) -> None:
        value = document.value
        self._builder.take(document.diagnostics)
        if not isinstance(value, Mapping) or plugin not in _GIVEN:
            message = f"there is no inventory plugin `{plugin}`"
            if not isinstance(value, Mapping):
                message = f"the configuration of the plugin `{plugin}` is empty"
            hint = did_you_mean(plugin, _GIVEN) or "use an inventory program or a static file"
            self._builder.error(SOURCE, message, document.span, hint)
        elif plugin == "generator":
            Generator(self._builder, document.span).read(value)
        else:
            Constructed(self._builder, document.span, self._earlier).read(value)

    def _text(self, source: str, form: str) -> None:
        text = self._content(source)
        if text is not None and form == "toml":
            TomlReader(self._builder, source).read(text)
        elif text is not None:
            IniReader(self._builder, source).read(text)

    def _content(self, source: str) -> str | None:
        try:
            if os.path.getsize(source) > _LARGEST:
                self._builder.error(SOURCE, f"the file is larger than {_LARGEST >> 20} MiB", Span(source, 1))
                return None
            return _decoded(Path(source).read_bytes())
        except UnicodeDecodeError as failure:
            lines = failure.object[: failure.start].split(b"\n")
            message = f"the byte 0x{failure.object[failure.start]:02x} is not valid UTF-8"
            span = Span(source, len(lines), len(lines[-1]) + 1)
            self._builder.error(SOURCE, message, span, "save the file as UTF-8")
        except OSError as failure:
            self._builder.error(SOURCE, f"the file cannot be read: {failure.strerror}", Span(source, 1))
        return None

    def _looks_like_yaml(self, source: str) -> bool:
        """Return whether a file without a telling name reads like YAML: its first line decides."""
        try:
            with Path(source).open("rb") as file:
                head = file.read(65536).decode("utf-8", "replace")
        except OSError:
            return False
        for line in head.split("\n"):
            content = line.strip()
            if content and content[0] not in "#;":
                return bool(_LOOKS_YAML.match(content))
        return False


def _decoded(data: bytes) -> str:
    """Return a file's text; comments may be in any encoding."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        lines = (b"" if line[:1] in (b"#", b";") else line for line in data.splitlines())
        return b"\n".join(lines).decode("utf-8-sig")


def _is_program(source: str) -> bool:
    """Return whether a file can be run; text that is merely marked as executable cannot."""
    if not os.access(source, os.X_OK) or not os.path.isfile(source):
        return False
    try:
        with Path(source).open("rb") as file:
            return file.read(4).startswith(_PROGRAM)
    except OSError:
        return False
