"""What balancers have counted adds up, and says nothing where a balancer began anew."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from orchestr8.deploy.traffic_counts import BOUNDS, Counts, Tally, percentile, since, total

TIMES = st.lists(st.floats(0.01, 20000), min_size=1, max_size=60)
NUMBERS = st.integers(0, 1000)


def counted(times: list[float]) -> tuple[int, ...]:
    edges = (0.0, *BOUNDS, float("inf"))
    return tuple(sum(low < each <= high for each in times) for low, high in pairwise(edges))


@given(TIMES, st.integers(1, 100))
def test_a_percentile_lies_in_the_range_it_is_given(times: list[float], percent: int) -> None:
    found = percentile(counted(times), percent)
    assert found
    exact = sorted(times)[-(-len(times) * percent // 100) - 1]
    assert found[0] < exact <= found[1]


def test_without_a_sample_there_is_no_percentile() -> None:
    assert percentile(counted([]), 99) is None
    assert percentile((), 99) is None


@given(st.lists(st.tuples(NUMBERS, NUMBERS, NUMBERS, NUMBERS), min_size=1, max_size=5))
def test_what_came_after_a_mark_is_what_was_added(numbers: list[tuple[int, int, int, int]]) -> None:
    mark = Counts("1", tuple(Tally(f"m{n}", a, b, (a, b)) for n, (a, b, _, _) in enumerate(numbers)))
    now = Counts(
        "1", tuple(Tally(f"m{n}", a + c, b + d, (a + c, b + d)) for n, (a, b, c, d) in enumerate(numbers))
    )
    found = since(mark, now)
    assert found == tuple(Tally(f"m{n}", c, d, (c, d)) for n, (_, _, c, d) in enumerate(numbers))
    assert total(found).requests == sum(c for _, _, c, _ in numbers)


@given(NUMBERS, NUMBERS)
def test_a_balancer_that_began_anew_is_not_taken_for_zero(before: int, after: int) -> None:
    mark = Counts("1", (Tally("a", before, 0, (before,)),))
    assert since(mark, Counts("2", (Tally("a", before + after, 0, (before + after,)),))) is None
    fewer = Counts("1", (Tally("a", before - 1, 0, (before - 1,)),))
    assert since(mark, fewer) is None


def test_a_member_that_is_new_counts_from_nothing() -> None:
    assert since(Counts("1"), Counts("1", (Tally("a", 3, 1),))) == (Tally("a", 3, 1),)
