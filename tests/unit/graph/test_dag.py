"""Order, cycles and reduction of any graph."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestr8.graph.dag import Cycle, order, reduce

GRAPHS = st.integers(1, 9).flatmap(
    lambda size: st.fixed_dictionaries(
        {
            n: st.lists(st.integers(0, n - 1), max_size=4, unique=True) if n else st.just([])
            for n in range(size)
        }
    )
)


def reachable(graph: dict[int, list[int]], node: int) -> set[int]:
    return {n for need in graph[node] for n in {need, *reachable(graph, need)}}


@settings(deadline=None)
@given(GRAPHS)
def test_every_node_comes_after_all_it_needs(graph: dict[int, list[int]]) -> None:
    places = {node: place for place, node in enumerate(order(graph))}
    assert sorted(places) == sorted(graph)
    assert all(places[need] < places[node] for node, needs in graph.items() for need in needs)


@settings(deadline=None)
@given(GRAPHS)
def test_reduction_keeps_what_can_be_reached_and_nothing_twice(graph: dict[int, list[int]]) -> None:
    reduced = reduce(graph)
    for node in graph:
        assert reachable(reduced, node) == reachable(graph, node)
        for need in reduced[node]:
            assert not any(need in reachable(graph, other) for other in reduced[node] if other != need)


def test_a_cycle_names_its_members_in_order() -> None:
    with pytest.raises(Cycle) as caught:
        order({"x": ["a"], "a": ["b"], "b": ["c"], "c": ["a"]})
    assert caught.value.members == ("a", "b", "c")
    assert str(caught.value) == "a → b → c → a"


def test_a_long_chain_needs_no_recursion() -> None:
    assert order({n: [n - 1] if n else [] for n in range(50_000)})[-1] == 49_999
