"""The oracle sees what is wrong, and does not see what is not."""

from __future__ import annotations

from typing import Any

import pytest

from tests.services_oracle import Oracle, Sample


class Engines:
    """Events of engines as a stage tells them: how many containers ran."""

    hosts = ("h1", "h2")

    def __init__(self, *counts: int) -> None:
        self.counts = list(counts)

    def running_over_time(self, since: str, before: int) -> list[int]:
        del since, before
        return self.counts


def watched(counts: tuple[int, ...], **looks: list[dict[str, Any]]) -> Oracle:
    """Return an oracle to which each host told this, look by look, a tenth of a second apart."""
    stage: Any = Engines(*counts)
    samples = {h: [Sample(n / 10, n / 10 + 0.01, s) for n, s in enumerate(some)] for h, some in looks.items()}
    return Oracle(stage, samples=samples)


def replica(slot: int, revision: int, *, ready: bool = True) -> list[Any]:
    return ["web", str(slot), str(revision), ready, []]


OLD, NEW = {"a": replica(1, 1)}, {"b": replica(1, 2)}


def test_a_new_one_beside_the_old_one_holds() -> None:
    starting = {"b": replica(1, 2, ready=False)}
    oracle = watched((1, 2, 1), h1=[OLD, OLD, OLD, {}, {}], h2=[{}, starting, NEW, NEW, NEW])
    oracle.holds(1)


def test_a_look_that_comes_a_little_late_is_no_gap() -> None:
    oracle = watched((1, 2, 1), h1=[OLD, OLD, {}, {}], h2=[{}, {}, NEW, NEW])
    oracle.holds(1)


def test_a_gap_is_seen() -> None:
    oracle = watched((1, 0, 1), h1=[OLD, {}, {}, {}, {}, {}], h2=[{}, {}, {}, {}, NEW, NEW])
    with pytest.raises(AssertionError):
        oracle.holds(1)
    oracle.holds(1, max_unavailable=1)


def test_one_too_many_and_two_of_a_kind_are_seen() -> None:
    with pytest.raises(AssertionError):
        watched((1, 3), h1=[OLD] * 4, h2=[{}] * 4).holds(1)
    with pytest.raises(AssertionError, match="web"):
        watched((2,), h1=[OLD] * 4, h2=[{"c": replica(1, 1)}] * 4).holds(2)


def test_nobody_who_looks_proves_nothing() -> None:
    with pytest.raises(AssertionError, match="nobody has looked"):
        watched((1,), h1=[OLD], h2=[{}]).holds(1)
