"""The controller's side of leases: taken on all hosts of a rollout or on none, kept alive, given back."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from orchestr8.core.clock import Clock
from orchestr8.core.errors import Diagnostic, Interrupted, LockLost, O8Error, Unreachable
from orchestr8.core.event import Warned
from orchestr8.engine.ports import Sink
from orchestr8.engine.services.failpoints import At, nowhere
from orchestr8.engine.services.held import held_by, named
from orchestr8.engine.services.observer import Crew
from orchestr8.engine.services.ports import Bid, Granted, Holding, Site
from orchestr8.engine.services.together import together

_BEATS = 4
_PAUSE = 1.0
_TICK = 0.2


def _nobody(seat: str) -> bool:
    del seat
    return False


def refusal(
    ask: Callable[[str], tuple[str, Holding] | None], hosts: Sequence[str], most: int
) -> tuple[str, Holding] | None:
    """Ask hosts for a lease until one of them names its holder; return that host and holder.

    The first host alone is asked first: of many who begin together, who gets its lease gets them all. Asked
    all at once, each may get some and nobody all.
    """
    for some in (hosts[:1], hosts[1:]):
        for answer in together(ask, some, most):
            if answer is not None:
                return answer
    return None


@dataclass(frozen=True, slots=True)
class Terms:
    """On which terms leases are asked for.

    wait: seconds to wait for who holds one. seconds: how long a lease lives without a sign of life.
    gone: whether the process of a seat is known to be dead.
    """

    wait: float = 0.0
    seconds: float = 60.0
    reason: str = ""
    seat: str = ""
    gone: Callable[[str], bool] = _nobody


@dataclass(frozen=True, slots=True)
class Watch:
    """What a lease needs to know of its surroundings."""

    clock: Clock
    sink: Sink
    stopped: Callable[[], bool]
    at: At = nowhere


class Lease:
    """One run's leases on the hosts of a crew."""

    def __init__(self, crew: Crew, bid: Bid, terms: Terms, watch: Watch) -> None:
        self._crew = crew
        self._bid = replace(bid, seconds=terms.seconds, reason=terms.reason, seat=terms.seat)
        self._terms = terms
        self._watch = watch
        self._held: dict[str, Granted] = {}
        self._bare: dict[str, Site] = {}
        self._lost = ""
        self._life = terms.seconds
        self._ended = threading.Event()

    @property
    def held(self) -> bool:
        """Whether it was taken and not given back."""
        return bool(self._held)

    def take(self, hosts: Sequence[str], known: Mapping[str, int]) -> bool:
        """Take the leases of these hosts, waiting for whoever holds one.

        Return whether nobody held one since `known`, the tokens seen on the hosts, were read. Raise LockHeld
        or Interrupted; then no lease is held.
        """
        wanted = [h for h in sorted(hosts) if h in self._crew.sites and h not in self._crew.lost]
        self._watch.at("lease.before")
        try:
            self._wait_for(wanted)
            self._require_most(hosts)
        except O8Error:
            self.release()
            raise
        self._guard()
        self._watch.at("lease.after")
        threading.Thread(target=self._beat, args=(self._ended,), name="lease", daemon=True).start()
        return all(g.clean and g.token == known.get(h, 0) + 1 for h, g in self._held.items())

    def _wait_for(self, hosts: Sequence[str]) -> None:
        clock, told = self._watch.clock, ""
        deadline = clock.monotonic() + self._terms.wait
        while (other := self._attempt(hosts)) is not None:
            self.release()
            left = deadline - clock.monotonic()
            if left <= 0:
                raise held_by(other, self._crew.project, self._terms.wait)
            if other[1].run != told:
                told = other[1].run
                text = f"waiting for {named(other[1], self._crew.project)}"
                self._watch.sink.emit(Warned(Diagnostic("O8-3404", text, severity="warning")))
            self._doze(min(_PAUSE * random.uniform(0.5, 1.0), left))  # noqa: S311 -- spreads tries over time

    def check(self, host: str) -> None:
        """Raise LockLost when a host may not be changed any more, or never might."""
        if self._lost:
            raise LockLost(Diagnostic("O8-3402", self._lost))
        if self._crew.sites[host].lock is not None and host not in self._held:
            raise LockLost(Diagnostic("O8-3402", f"{host}: no lease was taken there"))

    def covers(self, hosts: Sequence[str]) -> bool:
        """Whether it is held on all of these hosts but those that are lost."""
        return self.held and all(h in self._held for h in hosts if h not in self._crew.lost)

    def release(self) -> dict[str, int]:
        """Give back what is held, and return its tokens; where a host does not answer the lease runs out."""
        self._ended.set()
        self._ended = threading.Event()
        if self._held:
            self._watch.at("release.before")
        together(self._let_go, list(self._held.items()), self._crew.forks)
        tokens = {host: granted.token for host, granted in self._held.items()}
        self._held = {}
        self._crew.sites = {**self._crew.sites, **self._bare}
        self._bare = {}
        return tokens

    def affirm(self, seconds: float | None = None) -> None:
        """Make sure that it is held, from now on without a sign of life for `seconds`; raise LockLost."""
        self._life = seconds or self._terms.seconds
        self.beat()
        if self._lost:
            raise LockLost(Diagnostic("O8-3402", self._lost))

    def beat(self) -> None:
        """Give a sign of life on every host; note when somebody else has taken over."""
        together(self._renew, list(self._held.items()), self._crew.forks)

    def _attempt(self, hosts: Sequence[str]) -> tuple[str, Holding] | None:
        """Ask all hosts; return where somebody else holds the lease."""
        return refusal(self._ask, hosts, self._crew.forks)

    def _ask(self, host: str) -> tuple[str, Holding] | None:
        lock = self._crew.sites[host].lock
        if lock is None:
            return None
        try:
            answer = lock.take(self._bid)
            if isinstance(answer, Holding) and self._terms.gone(answer.seat):
                answer = lock.take(self._bid, over=answer.token)
        except Unreachable as error:
            self._crew.lost[host] = error
            return None
        if isinstance(answer, Holding):
            return host, answer
        self._held[host] = answer
        return None

    def _require_most(self, hosts: Sequence[str]) -> None:
        """Raise unless most hosts are held: of two halves of a fleet out of each other's sight one works."""
        names = sorted(h for h in hosts if h in self._crew.lost or self._crew.sites[h].lock is not None)
        shared = any(site.lock is not None for site in self._crew.sites.values())
        if not shared or 2 * len(self._held) + (names[0] in self._held) > len(names):
            return
        gone = ", ".join(h for h in names if h in self._crew.lost)
        text = f"the lock needs most of the {len(names)} hosts; not to be had: {gone}"
        hint = "take hosts that are gone for good out of the inventory"
        raise Unreachable(Diagnostic("O8-3405", text, hint=hint))

    def _guard(self) -> None:
        self._bare = {h: self._crew.sites[h] for h in self._held}
        guarded = {h: g(self._held[h].token) for h, s in self._bare.items() if (g := s.guarded) is not None}
        self._crew.sites = {**self._crew.sites, **guarded}

    def _let_go(self, item: tuple[str, Granted]) -> None:
        host, granted = item
        lock = self._crew.sites[host].lock
        try:
            if lock is not None and host not in self._crew.lost:
                lock.release(granted.token)
        except O8Error:
            return

    def _beat(self, ended: threading.Event) -> None:
        while not ended.wait(self._terms.seconds / _BEATS):
            self.beat()

    def _renew(self, item: tuple[str, Granted]) -> None:
        host, granted = item
        lock = self._crew.sites[host].lock
        try:
            if lock is not None and host not in self._crew.lost and not lock.renew(granted.token, self._life):
                self._lost = f"{host}: somebody else took over while this run was silent"
        except O8Error:
            return

    def _doze(self, seconds: float) -> None:
        end = self._watch.clock.monotonic() + seconds
        while (left := end - self._watch.clock.monotonic()) > 0:
            if self._watch.stopped():
                raise Interrupted(Diagnostic("O8-3208", "interrupted while waiting; nothing was touched"))
            self._watch.clock.sleep(min(left, _TICK))
