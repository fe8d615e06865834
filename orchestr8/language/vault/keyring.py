"""The passwords a run knows, by their vault ids."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from orchestr8.core.secret import Secret


@dataclass(frozen=True, slots=True)
class Key:
    """A password and its vault id; several may have the same id."""

    label: str
    password: Secret

    def encoded(self) -> bytes:
        """Return the password as the cipher takes it."""
        return self.password.reveal().encode("utf-8", "surrogateescape")


class Keyring:
    """Keys in the order they were given, fetched when the first is needed.

    match_ids: let only keys open something whose id is the one in its header.
    """

    def __init__(
        self, fetch: Callable[[], Sequence[Key]] | Sequence[Key] = (), *, match_ids: bool = False
    ) -> None:
        self._fetch = fetch
        self._keys: tuple[Key, ...] | None = None
        self._lock = threading.Lock()
        self.match_ids = match_ids

    @property
    def keys(self) -> tuple[Key, ...]:
        """Every key."""
        with self._lock:
            if self._keys is None:
                self._keys = tuple(self._fetch() if callable(self._fetch) else self._fetch)
            return self._keys

    def candidates(self, label: str) -> Iterator[Key]:
        """Yield the keys to try for an id: its own first, then the others unless ids have to match."""
        keys = self.keys
        yield from (key for key in keys if key.label == label)
        if not self.match_ids:
            yield from (key for key in keys if key.label != label)
