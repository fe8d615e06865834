"""The passes that shape a graph, each by itself."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestr8.compile.context import Context, inherit
from orchestr8.compile.order import ordered
from orchestr8.compile.serial import batches, too_many
from orchestr8.compile.tags import selected
from orchestr8.core.errors import InvalidInput
from orchestr8.core.span import Mapping
from orchestr8.language.syntax import Keywords


@pytest.mark.parametrize(
    ("tags", "wanted", "skipped", "runs"),
    [
        ("", "", "", True),
        ("a", "", "", True),
        ("a", "a", "", True),
        ("a", "b", "", False),
        ("", "a", "", False),
        ("always", "a", "", True),
        ("always", "a", "always", False),
        ("never", "", "", False),
        ("never", "never", "", True),
        ("never,a", "a", "", True),
        ("never,a", "all", "", False),
        ("a", "tagged", "", True),
        ("never,a", "tagged", "", False),
        ("", "tagged", "", False),
        ("", "untagged", "", True),
        ("a", "untagged", "", False),
        ("a", "", "a", False),
        ("a,b", "a", "b", False),
        ("a", "", "tagged", False),
        ("", "", "untagged", False),
        ("a", "", "all", False),
        ("always", "", "all", True),
    ],
)
def test_tags_let_through_what_ansible_lets_through(tags: str, wanted: str, skipped: str, runs: bool) -> None:
    def words(text: str) -> list[str]:
        return text.split(",") if text else []

    assert selected(frozenset(words(tags)), words(wanted), words(skipped)) is runs


@settings(deadline=None)
@given(st.integers(1, 40), st.lists(st.integers(1, 15) | st.integers(1, 100).map("{}%".format), min_size=1))
def test_batches_hold_every_host_once_in_order(count: int, serial: list[object]) -> None:
    hosts = list(range(count))
    cut = batches(hosts, serial)
    assert [host for batch in cut for host in batch] == hosts
    assert all(cut)


def test_serial_sizes_repeat_the_last_and_percentages_round_down() -> None:
    assert [len(b) for b in batches(list(range(10)), [1, "25%", 5])] == [1, 2, 5, 2]
    assert batches([1, 2], []) == [[1, 2]]
    assert batches([1, 2], [0]) == [[1, 2]]
    with pytest.raises(InvalidInput, match="percentage"):
        batches([1], ["some"])


@pytest.mark.parametrize(
    ("failed", "total", "percent", "stops"),
    [
        (1, 10, 10, False),
        (1, 10, 9, True),
        (1, 3, "33.4", False),
        (1, 3, 33.3, True),
        (1, 9, 0, True),
        (0, 9, 0, False),
    ],
)
def test_failures_are_judged_exactly(failed: int, total: int, percent: object, stops: bool) -> None:
    assert too_many(failed, total, percent) is stops


def test_orders_of_hosts() -> None:
    hosts = ["b", "a", "c"]
    assert ordered(hosts, None, str, list.sort) == hosts
    assert ordered(hosts, "reverse_inventory", str, list.sort) == ["c", "a", "b"]
    assert ordered(hosts, "reverse_sorted", str, list.sort) == ["c", "b", "a"]
    assert ordered(hosts, "shuffle", str, list.reverse) == ["c", "a", "b"]


def test_keywords_are_handed_down() -> None:
    outer = Keywords(become=True, when=("a",), tags=("x",), run_once=False)
    inner = inherit(outer, Keywords(become=False, when=("b",), no_log=True))
    assert (inner.become, inner.when, inner.tags, inner.no_log, inner.run_once) == (
        False, ("a", "b"), ("x",), True, False,
    )  # fmt: skip


def test_variables_of_blocks_stay_layers() -> None:
    outer, inner = Mapping({"a": 1}.items()), Mapping({"a": 2}.items())
    context = Context().inside(Keywords(vars=outer)).inside(Keywords(vars=inner))
    assert context.blocks == (inner, outer)
    assert not context.keywords.vars
