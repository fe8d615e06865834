"""Host patterns against a small algebra of sets."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase

from hypothesis import given, settings
from hypothesis import strategies as st

from orchestr8.inventory.builder import Builder
from orchestr8.inventory.inventory import Inventory
from orchestr8.inventory.varfiles import VarFiles
from orchestr8.language.files import Files

HOSTS = [f"h{number}" for number in range(6)]
GROUPS = ["ga", "gb", "gc"]


@st.composite
def fleets(draw: st.DrawFn) -> tuple[Inventory, dict[str, set[str]]]:
    builder, members = Builder(), {}
    for name in HOSTS:
        builder.hosts_of(name, None)
    for name in GROUPS:
        members[name] = draw(st.sets(st.sampled_from(HOSTS)))
        group = builder.group(name)
        assert group is not None
        for host in sorted(members[name]):
            builder.join(group, builder.hosts[host])
    if draw(st.booleans()):
        builder.nest(builder.groups["ga"], builder.groups["gb"], None)
        members["ga"] |= members["gb"]
    builder.finish()
    assert not builder.problems
    members["all"] = set(HOSTS)
    members["ungrouped"] = set(HOSTS) - members["ga"] - members["gb"] - members["gc"]
    return Inventory(builder, VarFiles([], [], Files())), members


ATOMS = st.sampled_from([*HOSTS, *GROUPS, "all", "ungrouped", "h*", "h[!345]", "~h[34]", "g[ab]", "*", "~g"])
PIECES = st.tuples(st.sampled_from(["", "", "&", "!"]), ATOMS)


def meaning(atom: str, members: dict[str, set[str]]) -> set[str]:
    """Return what an atom selects, the simple way."""
    if atom in members:
        return members[atom]
    if atom.startswith("~"):
        hit = [name for name in (*members, *HOSTS) if re.match(atom[1:], name)]
    else:
        hit = [name for name in (*members, *HOSTS) if fnmatchcase(name, atom)]
    return {host for name in hit for host in members.get(name, {name})}


def oracle(pieces: list[tuple[str, str]], members: dict[str, set[str]]) -> set[str]:
    """Return unions, cut by `&`, less `!`."""
    unions = [meaning(atom, members) for sign, atom in pieces if sign == ""]
    found = set().union(*unions) if unions else set(members["all"])
    for sign, atom in pieces:
        found = found & meaning(atom, members) if sign == "&" else found
    return found.difference(*(meaning(atom, members) for sign, atom in pieces if sign == "!"))


@settings(max_examples=300, deadline=None)
@given(fleets(), st.lists(PIECES, min_size=1, max_size=5), st.sampled_from([":", ","]))
def test_patterns_are_set_algebra(
    fleet: tuple[Inventory, dict[str, set[str]]], pieces: list[tuple[str, str]], separator: str
) -> None:
    inventory, members = fleet
    found = [host.name for host in inventory.select(separator.join(sign + atom for sign, atom in pieces))]
    assert set(found) == oracle(pieces, members)
    assert len(found) == len(set(found))


@settings(max_examples=100, deadline=None)
@given(fleets(), st.lists(PIECES, min_size=1, max_size=3), st.lists(PIECES, min_size=1, max_size=3))
def test_a_limit_is_an_intersection_in_the_patterns_order(
    fleet: tuple[Inventory, dict[str, set[str]]],
    pieces: list[tuple[str, str]],
    limit: list[tuple[str, str]],
) -> None:
    inventory, members = fleet
    pattern = ":".join(sign + atom for sign, atom in pieces)
    whole = [host.name for host in inventory.select(pattern)]
    within = oracle(limit, members)
    limited = inventory.select(pattern, ":".join(sign + atom for sign, atom in limit))
    assert [host.name for host in limited] == [name for name in whole if name in within]


@settings(max_examples=100, deadline=None)
@given(fleets(), ATOMS, st.integers(-8, 8))
def test_a_subscript_is_an_index(fleet: tuple[Inventory, dict[str, set[str]]], atom: str, index: int) -> None:
    inventory, _ = fleet
    if atom.startswith("~") or atom in HOSTS:
        return
    whole = inventory.select(atom)
    expected = [whole[index]] if -len(whole) <= index < len(whole) else []
    assert inventory.select(f"{atom}[{index}]") == expected
