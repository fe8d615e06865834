"""Weights give the share that was asked for, or the nearest that whole weights can give."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestr8.deploy.traffic import MOST, Member, effective, share

COUNTS = st.integers(1, 12)


@given(st.integers(1, 99), COUNTS, COUNTS)
def test_no_other_weights_come_nearer(percent: int, stable: int, canary: int) -> None:
    found = share(percent, stable, canary)
    assert 1 <= found.stable <= MOST
    assert 1 <= found.canary <= MOST
    best = min(
        abs(100 * canary * c / (canary * c + stable * s) - percent)
        for s in range(1, MOST + 1, 5)
        for c in range(1, MOST + 1, 5)
    )
    assert abs(found.percent - percent) <= best + 1e-9


@given(st.integers(1, 99), COUNTS, COUNTS)
def test_what_it_says_is_what_the_members_get(percent: int, stable: int, canary: int) -> None:
    found = share(percent, stable, canary)
    members = [Member(f"s{n}", "127.0.0.1", 80, found.stable) for n in range(stable)]
    members += [Member(f"c{n}", "127.0.0.1", 80, found.canary) for n in range(canary)]
    shares = effective(members)
    assert sum(shares[f"c{n}"] for n in range(canary)) == pytest.approx(found.percent)
    assert sum(shares.values()) == pytest.approx(100)


@given(st.integers(5, 95), st.integers(1, 6), st.integers(1, 6))
def test_the_share_is_within_a_point_for_small_fleets(percent: int, stable: int, canary: int) -> None:
    assert abs(share(percent, stable, canary).percent - percent) < 1


@given(COUNTS)
def test_nothing_and_all_are_exact(members: int) -> None:
    assert share(0, members, 0).canary == 0
    assert share(0, members, members) == share(0, members, 0)
    assert (share(100, members, members).stable, share(100, 0, members).percent) == (0, 100.0)


@pytest.mark.parametrize(("percent", "stable", "canary"), [(10, 3, 0), (50, 0, 2), (-1, 1, 1), (101, 1, 1)])
def test_shares_that_nobody_can_take_are_refused(percent: float, stable: int, canary: int) -> None:
    with pytest.raises(ValueError, match=r"share|nobody"):
        share(percent, stable, canary)


def test_draining_members_get_nothing() -> None:
    members = [Member("a", "127.0.0.1", 80, 50, draining=True), Member("b", "127.0.0.1", 80, 1)]
    assert effective(members) == {"a": 0.0, "b": 100.0}
