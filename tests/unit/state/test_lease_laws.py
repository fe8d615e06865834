"""Laws of leases: whatever controllers do and however long they sleep, only the newest one is let in."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestr8.core.errors import LockLost
from orchestr8.engine.ports import Endpoint
from orchestr8.engine.services.ports import Bid, Granted, Holding
from orchestr8.remote import fence
from orchestr8.remote.modules import o8_lock
from orchestr8.state.host_lock import HostLock
from orchestr8.state.memory import MemoryLock
from orchestr8.transport.memory import MemoryHost, MemoryTransport

RUNS = ("a", "b", "c")
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("take"), st.sampled_from(RUNS)),
        st.tuples(st.just("over"), st.sampled_from(RUNS)),
        st.tuples(st.just("renew"), st.sampled_from(RUNS)),
        st.tuples(st.just("release"), st.sampled_from(RUNS)),
        st.tuples(st.just("end"), st.sampled_from(RUNS)),
        st.tuples(st.just("sleep"), st.sampled_from([1, 29, 31, 61])),
    ),
    max_size=25,
)


class Controllers:
    """What three controllers believe, each for itself."""

    def __init__(self, lock: Any) -> None:
        self.lock = lock
        self.tokens: dict[str, int] = {}

    def do(self, what: str, run: str) -> Any:
        bid, token = Bid(run, f"{run}@{run}", seconds=60), self.tokens.get(run, -1)
        if what in ("take", "over"):
            answer = self.lock.take(bid)
            if what == "over" and isinstance(answer, Holding):
                answer = self.lock.take(bid, over=answer.token)
            if isinstance(answer, Granted):
                self.tokens[run] = answer.token
            return answer
        if what == "renew":
            return self.lock.renew(token)
        if what == "release":
            return self.lock.release(token)
        return self.lock.end(run)


def let_in_by_host(folder: Path, token: int) -> bool:
    try:
        with fence.Gate(str(folder), token):
            return True
    except fence.Shut:
        return False


def let_in_by_memory(lock: MemoryLock, token: int) -> bool:
    try:
        lock.admit(token)
    except LockLost:
        return False
    return True


@settings(max_examples=120, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(STEPS)
def test_the_newest_holder_alone_is_let_in_and_tokens_never_fall(steps: list[tuple[str, Any]]) -> None:
    with TemporaryDirectory() as root, pytest.MonkeyPatch.context() as patch:
        now = [1000.0]
        patch.setattr(o8_lock, "_uptime", lambda: now[0])
        connection = MemoryTransport({"h": MemoryHost()}).connect(Endpoint("h", "h"))
        host = Controllers(HostLock("h", "shop", lambda: connection, None, root))
        memory = Controllers(MemoryLock(lambda: now[0]))
        highest = 0
        for what, with_what in steps:
            if what == "sleep":
                now[0] += with_what
                continue
            assert host.do(what, with_what) == memory.do(what, with_what) or what == "take"
            assert host.tokens == memory.tokens
            for token in host.tokens.values():
                inside = let_in_by_host(Path(root) / "shop", token)
                assert inside == let_in_by_memory(memory.lock, token)
            admitted = {t for t in host.tokens.values() if let_in_by_host(Path(root) / "shop", t)}
            assert len(admitted) <= 1
            newest = max(host.tokens.values(), default=0)
            assert admitted <= {newest}
            assert newest >= highest
            highest = newest
