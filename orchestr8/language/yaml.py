"""Reads YAML 1.1 as Ansible does, into plain values that know their places."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import yaml as libyaml

from orchestr8.core.errors import Diagnostic, InvalidInput
from orchestr8.core.span import Span
from orchestr8.core.vaulted import Vaulted
from orchestr8.language.building import Builder, Stop
from orchestr8.language.decoding import decode
from orchestr8.language.yaml_hints import explain

__all__ = ["Document", "Vaulted", "load", "parse"]


@dataclass(frozen=True, slots=True)
class Document:
    """What a file says: its value (None when it is empty or wrong), its place, its text and what is amiss."""

    file: str
    value: Any
    span: Span
    text: str
    diagnostics: tuple[Diagnostic, ...] = ()

    @property
    def failed(self) -> bool:
        """Whether the file could not be read at all."""
        return any(d.severity == "error" for d in self.diagnostics)


def load(source: str | bytes, file: str) -> Any:
    """Return the value of a YAML text; raise InvalidInput with every mistake in it."""
    document = parse(source, file)
    if document.failed:
        raise InvalidInput(*document.diagnostics)
    return document.value


def parse(source: str | bytes, file: str) -> Document:
    """Return the document that a YAML text holds; mistakes are in its `diagnostics`, never raised."""
    nowhere = Span(file, 1, 1)
    if isinstance(source, bytes):
        text, problem = decode(source, file)
        if problem:
            return Document(file, None, nowhere, text, (problem,))
    else:
        text = source.removeprefix("\ufeff")
    return _parse(text, file, nowhere)


def _parse(text: str, file: str, nowhere: Span) -> Document:
    lines: list[str] = []

    def split() -> list[str]:
        if not lines:
            lines.extend(text.split("\n"))
        return lines

    try:
        reader = libyaml.CSafeLoader(text)
        builder = Builder(reader.get_event, file, split)
        value, span = _single(reader, builder, nowhere)
    except Stop as stop:
        return Document(file, None, nowhere, text, (stop.diagnostic,))
    except (libyaml.YAMLError, UnicodeError, ValueError) as error:
        return Document(file, None, nowhere, text, (explain(error, text, file),))
    return Document(file, value, span, text, tuple(builder.notes))


def _single(reader: Any, builder: Builder, nowhere: Span) -> tuple[Any, Span]:
    reader.get_event()
    event = reader.get_event()
    if type(event) is libyaml.StreamEndEvent:
        return None, nowhere
    result = builder.build(reader.get_event())
    reader.get_event()
    event = reader.get_event()
    if type(event) is not libyaml.StreamEndEvent:
        mark = event.start_mark
        raise Stop(
            "O8-1007", "a second document starts here; a file holds one",
            Span(nowhere.file, mark.line + 1, mark.column + 1, 3), "remove the `---`, or split the file",
        )  # fmt: skip
    return result
