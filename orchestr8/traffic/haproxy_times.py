"""How long answers take, counted by HAProxy itself: one counter for each range of times and member."""

from __future__ import annotations

import re
from collections.abc import Iterator

from orchestr8.deploy.traffic_counts import BOUNDS
from orchestr8.traffic.haproxy_names import refused

TABLE = "o8:times"
BEGAN = "http-request set-var(txn.o8_began) date(0,ms)"
"""What a frontend notes of a request."""

_COUNTER = re.compile(r"\bgpc(\d+)=(\d+)")


def counting() -> Iterator[str]:
    """Yield the rules that count an answer once its head is there."""
    yield "http-response set-var(txn.o8_server) srv_name"
    yield f"http-response track-sc2 be_name,concat(/,txn.o8_server) table {TABLE}"
    yield "http-response set-var(txn.o8_took) date(0,ms),sub(txn.o8_began)"
    low = 0
    for index, high in enumerate(BOUNDS):
        yield f"http-response sc-inc-gpc({index},2) if {{ var(txn.o8_took) -m int {low}:{high} }}"
        low = high + 1
    yield f"http-response sc-inc-gpc({len(BOUNDS)},2) if {{ var(txn.o8_took) -m int ge {low} }}"


def table() -> list[str]:
    """Return the section that holds the counters."""
    counters = len(BOUNDS) + 1
    return [
        f"backend {TABLE} from o8.plain",
        f"    stick-table type string len 256 size 10k store gpc({counters})",
    ]


def times(answer: str) -> dict[str, tuple[int, ...]]:
    """Return the counters by backend and member (`backend/member`) out of `show table`."""
    found = {}
    for line in answer.splitlines():
        if " key=" not in line:
            continue
        key = line.partition(" key=")[2].split(" ")[0]
        counters = {int(index): int(number) for index, number in _COUNTER.findall(line)}
        if set(counters) != set(range(len(BOUNDS) + 1)):
            raise refused(f"HAProxy tells its times in another form: {line[:200]}")
        found[key] = tuple(counters[index] for index in sorted(counters))
    return found
