"""Facts kept from run to run: one JSON file for each host, as Ansible's plugin `jsonfile` writes them."""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from orchestr8.core.errors import Diagnostic, O8Error


class JsonFacts:
    """Facts of hosts in a folder, readable by their owner only.

    prefix: stands before a host's name in the name of its file. lifetime: seconds after which facts are
    forgotten; 0 keeps them.
    """

    def __init__(
        self, folder: str, *, prefix: str = "", lifetime: float = 0, now: Callable[[], float] = time.time
    ) -> None:
        self._folder = Path(folder)
        self._prefix = prefix
        self._lifetime = lifetime
        self._now = now

    def load(self, host: str) -> Mapping[str, Any]:
        """Return a host's facts; none where nothing usable is kept."""
        path = self._path(host)
        try:
            if self._lifetime and self._now() - path.stat().st_mtime > self._lifetime:
                return {}
            found = json.loads(path.read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def save(self, host: str, facts: Mapping[str, Any]) -> None:
        """Keep a host's facts, or forget them where there are none; raise O8Error where that fails."""
        path = self._path(host)
        try:
            if facts:
                self._write(path, facts)
            else:
                path.unlink(missing_ok=True)
        except OSError as error:
            message = f"the facts of {host} cannot be kept in {path}: {error.strerror}"
            raise O8Error(Diagnostic("O8-3601", message, severity="warning")) from None

    def _write(self, path: Path, facts: Mapping[str, Any]) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        handle, fresh = tempfile.mkstemp(dir=self._folder, prefix=".fresh-")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump({name: value for name, value in facts.items() if _is_plain(value)}, file, indent=4)
        os.replace(fresh, path)

    def _path(self, host: str) -> Path:
        return self._folder / f"{self._prefix}{host.replace(os.sep, '_')}"


def _is_plain(value: Any) -> bool:
    """Return whether a value may be written down; secrets may not."""
    try:
        json.dumps(value)
    except (TypeError, ValueError):
        return False
    return True
