"""Records in memory: what a host would keep, for tests and simulations."""

from __future__ import annotations

from collections.abc import Sequence

from orchestr8.core.errors import O8Error
from orchestr8.engine.services.ports import Copies, Copy
from orchestr8.state.host_records import decoded, encoded


class MemoryRecords:
    """Keeps records as text, as a host does. refuses: raised by every call while it is set."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, int], str] = {}
        self.refuses: O8Error | None = None

    def read(self) -> Copies:
        """Return every record; what cannot be read is named."""
        self._check()
        found, damaged = [], []
        for (service, number), text in sorted(self.kept.items()):
            try:
                found.append(decoded({"service": service, "number": number, "text": text}))
            except (ValueError, KeyError, TypeError) as error:
                damaged.append(f"{service} revision {number}: {error}")
        return Copies(tuple(found), tuple(damaged))

    def write(self, copies: Sequence[Copy], forget: Sequence[tuple[str, int]] = ()) -> None:
        """Put records in place and remove others."""
        self._check()
        for copy in copies:
            self.kept[copy.revision.service, copy.revision.number] = encoded(copy)["text"]
        for key in forget:
            self.kept.pop(key, None)

    def _check(self) -> None:
        if self.refuses is not None:
            raise self.refuses
