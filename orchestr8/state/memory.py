"""Records and leases in memory: what a host would keep, for tests and simulations."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from orchestr8.core.errors import Diagnostic, LockLost, O8Error
from orchestr8.deploy.model import Timer
from orchestr8.engine.services.ports import Bid, Copies, Copy, Granted, Holding, Watchmaker
from orchestr8.state.host_records import decoded, encoded


class MemoryRecords:
    """Keeps records as text, as a host does. refuses: raised by every call while it is set.

    lock: the host's lease; `for_holder` gives the records as the holder of a token writes them.
    """

    def __init__(self, lock: MemoryLock | None = None) -> None:
        self.lock = lock
        self.kept: dict[tuple[str, int], str] = {}
        self.refuses: O8Error | None = None
        self.cordoned = ""
        self.timers: set[Timer] = set()

    def read(self) -> Copies:
        """Return every record; what cannot be read is named."""
        self._check()
        found, damaged = [], []
        for (service, number), text in sorted(self.kept.items()):
            try:
                found.append(decoded({"service": service, "number": number, "text": text}))
            except (ValueError, KeyError, TypeError) as error:
                damaged.append(f"{service} revision {number}: {error}")
        token = self.lock.given_back if self.lock else 0
        return Copies(
            tuple(found), tuple(damaged), token, self.cordoned, Watchmaker(timers=frozenset(self.timers))
        )

    def write(self, copies: Sequence[Copy], forget: Sequence[tuple[str, int]] = ()) -> None:
        """Put records in place and remove others."""
        self._check()
        for copy in copies:
            self.kept[copy.revision.service, copy.revision.number] = encoded(copy)["text"]
        for key in forget:
            self.kept.pop(key, None)

    def set_timer(self, timer: Timer, cron: str) -> None:
        """Note a timer of a slot."""
        del cron
        self.drop_timer(timer.service, timer.slot)
        self.timers.add(timer)

    def drop_timer(self, service: str, slot: int) -> None:
        """Forget the timer of a slot."""
        self._check()
        self.timers = {t for t in self.timers if (t.service, t.slot) != (service, slot)}

    def for_holder(self, token: int) -> GuardedRecords:
        """Return the records as the holder of a token uses them."""
        return GuardedRecords(self, token)

    def _check(self) -> None:
        if self.refuses is not None:
            raise self.refuses


class GuardedRecords:
    """Records that are written as long as a token's lease is held."""

    def __init__(self, records: MemoryRecords, token: int) -> None:
        self._records = records
        self._token = token

    def read(self) -> Copies:
        """Return every record."""
        return self._records.read()

    def write(self, copies: Sequence[Copy], forget: Sequence[tuple[str, int]] = ()) -> None:
        """Put records in place and remove others; raise LockLost."""
        if self._records.lock is not None:
            self._records.lock.admit(self._token)
        self._records.write(copies, forget)

    def set_timer(self, timer: Timer, cron: str) -> None:
        """Note a timer of a slot; raise LockLost."""
        if self._records.lock is not None:
            self._records.lock.admit(self._token)
        self._records.set_timer(timer, cron)

    def drop_timer(self, service: str, slot: int) -> None:
        """Forget the timer of a slot; raise LockLost."""
        if self._records.lock is not None:
            self._records.lock.admit(self._token)
        self._records.drop_timer(service, slot)


class MemoryLock:
    """A lease by a clock of the host's own, as `o8_lock` keeps it."""

    def __init__(self, uptime: Callable[[], float]) -> None:
        self._uptime = uptime
        self._token = 0
        self._bid: Bid | None = None
        self._taken = self._renewed = 0.0

    @property
    def given_back(self) -> int:
        """The token of the last lease, -1 while somebody holds one."""
        return self._token if self._bid is None else -1

    @property
    def holder(self) -> Holding | None:
        """Who holds the lease now."""
        if self._bid is None:
            return None
        now, bid = self._uptime(), self._bid
        left = max(0.0, bid.seconds - (now - self._renewed))
        age, quiet = now - self._taken, now - self._renewed
        return Holding(self._token, bid.run, bid.by, bid.reason, bid.seat, age, quiet, left)

    def take(self, bid: Bid, over: int | None = None) -> Granted | Holding:
        """Return the lease, or who holds it."""
        held = self.holder
        mine = held is not None and held.run == bid.run
        if held is not None and not mine and held.left > 0 and over != held.token:
            return held
        self._token += 0 if mine else 1
        self._bid, self._taken, self._renewed = replace(bid), self._uptime(), self._uptime()
        return Granted(self._token, held is None)

    def renew(self, token: int, seconds: float = 60.0) -> bool:
        """Give a sign of life."""
        if self._bid is None or token != self._token:
            return False
        self._bid, self._renewed = replace(self._bid, seconds=seconds), self._uptime()
        return True

    def release(self, token: int) -> None:
        """Give the lease back."""
        if token == self._token:
            self._bid = None

    def end(self, run: str) -> bool:
        """End the lease of a run."""
        if self._bid is None or self._bid.run != run:
            return False
        self._token, self._bid = self._token + 1, None
        return True

    def admit(self, token: int) -> None:
        """Raise LockLost when the lease is not the token's."""
        if self._bid is None or token != self._token:
            raise LockLost(Diagnostic("O8-3402", "the lease is lost"))
