"""Reads each file once within a run."""

from __future__ import annotations

import os
import threading
from pathlib import Path

from orchestr8.core.errors import Diagnostic
from orchestr8.core.span import Span
from orchestr8.language.decoding import MAX_BYTES
from orchestr8.language.yaml import Document, parse


class Files:
    """A cache of parsed YAML files, shared by everything that reads during one run."""

    def __init__(self) -> None:
        self._documents: dict[str, Document] = {}
        self._lock = threading.Lock()

    def read(self, path: str) -> Document:
        """Return the document at `path`; what is wrong with it is in its diagnostics."""
        with self._lock:
            known = self._documents.get(path)
            if known is None:
                known = self._documents[path] = _read(path)
            return known

    def word(self, span: Span) -> str:
        """Return what stands at a place of a file read before."""
        document = self._documents.get(span.file)
        if document is None:
            return ""
        lines = document.text.split("\n")
        if not 0 < span.line <= len(lines):
            return ""
        return lines[span.line - 1][span.column - 1 : span.column - 1 + span.width]

    def texts(self) -> dict[str, str]:
        """Return the text of every file read so far."""
        return {file: document.text for file, document in self._documents.items()}


def _read(path: str) -> Document:
    place = Span(path, 1, 1)
    try:
        if os.path.getsize(path) > MAX_BYTES:
            problem = Diagnostic("O8-1005", f"the file is larger than {MAX_BYTES >> 20} MiB", place)
            return Document(path, None, place, "", (problem,))
        if not os.path.isfile(path):
            problem = Diagnostic("O8-1402", f"`{path}` is not a file", place)
            return Document(path, None, place, "", (problem,))
        return parse(Path(path).read_bytes(), path)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        return Document(
            path, None, place, "", (Diagnostic("O8-1402", f"cannot read `{path}`: {reason}", place),)
        )
