"""Reads each file once within a run."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from orchestr8.core.errors import Diagnostic
from orchestr8.core.span import Span
from orchestr8.core.vaulted import Locked, Opener, VaultError, is_sealed
from orchestr8.language.building import REPEATED
from orchestr8.language.decoding import MAX_BYTES
from orchestr8.language.yaml import Document, parse


class Files:
    """A cache of parsed YAML files, shared by everything that reads during one run.

    vault: opens files that are encrypted as a whole. learn: is told the values such a file held.
    repeated: whether a key that a mapping has twice is an "error", something to "warn" of or to "ignore".
    """

    def __init__(
        self,
        vault: Opener | None = None,
        learn: Callable[[Any], None] | None = None,
        repeated: str = "warn",
    ) -> None:
        self._repeated = repeated
        self._vault = vault or Locked()
        self._learn = learn
        self._documents: dict[str, Document] = {}
        self._parsed: dict[str, tuple[bytes, Document]] = {}
        self._lock = threading.Lock()

    def anew(self) -> Files:
        """Return a cache that knows no file yet, with the same means to open encrypted ones."""
        return Files(self._vault, self._learn, self._repeated)

    def read(self, path: str) -> Document:
        """Return the document at `path`; what is wrong with it is in its diagnostics."""
        with self._lock:
            known = self._documents.get(path)
            if known is None:
                known = self._documents[path] = self._judged(self._read(path))
            return known

    def parse(self, data: bytes, path: str) -> Document:
        """Return the document that a file's bytes hold, as `read` takes it.

        Many hosts read the same file: what it held last is kept, but for its text, while it holds the same.
        """
        digest = sha256(data).digest()
        known = self._parsed.get(path)
        if known is None or known[0] != digest:
            document = self._judged(parse(data, path))
            known = self._parsed[path] = digest, document if document.failed else replace(document, text="")
        return known[1]

    def word(self, span: Span) -> str:
        """Return what stands at a place of a file read before."""
        document = self._documents.get(span.file)
        if document is None:
            return ""
        lines = document.text.split("\n")
        if not 0 < span.line <= len(lines):
            return ""
        return lines[span.line - 1][span.column - 1 : span.column - 1 + span.width]

    def _judged(self, document: Document) -> Document:
        """Return a document with keys that stand there twice taken as the settings want."""
        found = document.diagnostics
        if self._repeated == "warn" or all(each.code != REPEATED for each in found):
            return document
        if self._repeated == "ignore":
            return replace(document, diagnostics=tuple(each for each in found if each.code != REPEATED))
        wrong = (
            replace(each, severity="error", hint="remove one of them") if each.code == REPEATED else each
            for each in found
        )
        return replace(document, value=None, diagnostics=tuple(wrong))

    def _read(self, path: str) -> Document:
        """Return a file's document; nothing of the text of an encrypted one is kept."""
        data = _bytes(path)
        if isinstance(data, Diagnostic):
            return Document(path, None, Span(path, 1, 1), "", (data,))
        if not is_sealed(data):
            return parse(data, path)
        try:
            document = parse(self._vault.content(data, path), path)
        except VaultError as error:
            return Document(path, None, Span(path, 1, 1), "", tuple(error.diagnostics))
        if self._learn:
            self._learn(document.value)
        return replace(document, text="")

    def texts(self) -> dict[str, str]:
        """Return the text of every file read so far."""
        return {file: document.text for file, document in self._documents.items()}


def _bytes(path: str) -> bytes | Diagnostic:
    place = Span(path, 1, 1)
    try:
        if os.path.getsize(path) > MAX_BYTES:
            return Diagnostic("O8-1005", f"the file is larger than {MAX_BYTES >> 20} MiB", place)
        if not os.path.isfile(path):
            return Diagnostic("O8-1402", f"`{path}` is not a file", place)
        return Path(path).read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        return Diagnostic("O8-1402", f"cannot read `{path}`: {reason}", place)
