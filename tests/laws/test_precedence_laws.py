"""Which variable wins, against the order as one would write it down."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from orchestr8.inventory.builder import Builder
from orchestr8.inventory.dump import merged
from orchestr8.inventory.inventory import Inventory
from orchestr8.inventory.varfiles import VarFiles
from orchestr8.language.files import Files

NAMES = ["a", "b", "c", "d", "e"]
EDGES = st.sets(
    st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)).filter(lambda edge: edge[0] < edge[1])
)


@settings(max_examples=300, deadline=None)
@given(EDGES, st.sets(st.sampled_from(NAMES)), st.dictionaries(st.sampled_from(NAMES), st.integers(-2, 3)))
def test_deeper_then_higher_priority_then_later_name_wins(
    edges: set[tuple[str, str]], joined: set[str], priorities: dict[str, int]
) -> None:
    builder = Builder()
    groups = {name: builder.group(name) for name in NAMES}
    for parent, child in sorted(edges):
        builder.nest(groups[parent], groups[child], None)  # type: ignore[arg-type]
    (host,) = builder.hosts_of("h", None)
    for name in sorted(joined):
        builder.join(groups[name], host)  # type: ignore[arg-type]
    for name in (*NAMES, "all"):
        builder.set_vars(builder.groups[name], {"v": name, f"only_{name}": 1})
        if name in priorities:
            builder.set_vars(builder.groups[name], {"ansible_group_priority": priorities[name]})
    builder.finish()
    inventory = Inventory(builder, VarFiles([], [], Files()))

    def depth(name: str) -> int:
        return 1 + max((depth(parent) for parent, child in edges if child == name), default=0)

    def above(name: str) -> set[str]:
        return {name}.union(*(above(parent) for parent, child in edges if child == name))

    member = set().union(*(above(name) for name in joined)) if joined else set()
    rank = {name: (depth(name), priorities.get(name, 1), name) for name in member}
    values = merged(inventory, host)
    assert values["v"] == (max(rank, key=lambda name: rank[name]) if rank else "all")
    assert {name for name in NAMES if f"only_{name}" in values} == member
    host_wins = inventory.add_host("h", [], {"v": "host"})[0]
    assert merged(inventory, host_wins)["v"] == "host"
