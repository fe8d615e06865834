"""The commands for HAProxy lead from any members to any others, and never leave a service without one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import example, given
from hypothesis import strategies as st

from orchestr8.deploy.traffic import Member
from orchestr8.traffic.haproxy_names import CANARY, SIDES
from orchestr8.traffic.haproxy_pools import (
    At,
    Pools,
    Server,
    best_side,
    commands,
    lacking,
    read,
    seen,
    wanted,
)

MEMBERS = st.builds(
    Member,
    name=st.sampled_from(["m1", "m2", "m3", "m4"]),
    address=st.sampled_from(["10.0.0.1", "10.0.0.2", "fd00::1"]),
    port=st.sampled_from([80, 8080]),
    weight=st.sampled_from([0, 1, 100, 256]),
    draining=st.booleans(),
    group=st.sampled_from(["stable", "canary", "preview"]),
)
ONE, TWO = Member("m1", "10.0.0.1", 80), Member("m2", "10.0.0.2", 80)
TEAMS = st.lists(MEMBERS, max_size=4, unique_by=lambda member: member.name)


class Twin:
    """HAProxy as far as its runtime commands go."""

    def __init__(self, members: Sequence[Member], live: str, busy: frozenset[str] = frozenset()) -> None:
        self.live, self.busy = live, busy
        self.servers: dict[At, Server] = wanted(live, members)

    def pools(self) -> Pools:
        found = read(self.rows(), "p", "web")
        assert found
        return found

    def rows(self) -> list[dict[str, str]]:
        switch = {"pxname": "o8.p.web:switch", "svname": "b", "status": "no check"}
        listed = [{**switch, "status": "no check" if self.live == "b" else "MAINT"}]
        for (part, each), server in self.servers.items():
            row = {"pxname": f"o8.p.web:{part}", "svname": each, "addr": server.place}
            state = {"status": "MAINT" if server.out else "UP 1/3", "uweight": str(server.weight)}
            listed.append({**row, **state, "scur": str(int(each in self.busy))})
        return listed

    def do(self, command: str) -> None:
        words = command.split()
        where = words[2].split(":", 1)[1] if words[1] == "server" else ""
        part, _, each = where.partition("/")
        at = (part, each)
        if words[0] == "add":
            assert at not in self.servers
            self.servers[at] = Server(words[3], int(words[5]), out=True)
        elif words[0] == "del":
            assert self.servers[at].out
            assert each not in self.busy
            del self.servers[at]
        elif words[:2] == ["set", "server"] and part == "switch":
            self.live = "b" if words[4] == "ready" else "a"
        elif words[:2] == ["set", "server"]:
            self.servers[at] = self._set(self.servers[at], words[3:])

    def _set(self, server: Server, words: list[str]) -> Server:
        if words[0] == "weight":
            return replace(server, weight=int(words[1]))
        if words[0] == "addr":
            place = f"[{words[1]}]" if ":" in words[1] else words[1]
            return replace(server, place=f"{place}:{words[3]}")
        return replace(server, out=words[1] == "maint")

    def taking(self) -> set[str]:
        """Return who gets requests now."""
        return {
            each for (part, each), s in self.servers.items() if part == self.live and not s.out and s.weight
        }


@given(TEAMS, TEAMS, st.sampled_from(SIDES), st.sets(st.sampled_from(["m1", "m2", "m3", "m4"])))
def test_any_members_become_any_others(
    before: list[Member], after: list[Member], live: str, busy: set[str]
) -> None:
    twin = Twin(before, live, frozenset(busy))
    for command in commands("p", "web", twin.pools(), after):
        twin.do(command)
    assert lacking(twin.pools(), after) == []
    left = {member.name for member in after}
    kept = {found.member.name for found in seen(twin.pools())} - left
    assert kept <= busy & {member.name for member in before}
    assert commands("p", "web", twin.pools(), after) == []


@given(TEAMS, TEAMS, st.sampled_from(SIDES))
@example([replace(ONE, weight=1), replace(TWO, weight=0)], [replace(ONE, weight=0), TWO], "a")
@example([replace(ONE, group="preview"), TWO], [ONE, replace(TWO, weight=0, draining=True)], "a")
def test_somebody_takes_requests_all_the_time(before: list[Member], after: list[Member], live: str) -> None:
    twin = Twin(before, live)
    if not twin.taking() or not Twin(after, best_side(twin.pools(), after)).taking():
        return
    for command in commands("p", "web", twin.pools(), after):
        twin.do(command)
        assert twin.taking()


@given(st.integers(1, 3), st.integers(1, 3), st.sampled_from(SIDES))
def test_groups_that_change_places_do_so_by_one_command(old: int, new: int, live: str) -> None:
    stable = [Member(f"old{n}", "10.0.0.1", n) for n in range(old)]
    preview = [Member(f"new{n}", "10.0.0.2", n, group="preview") for n in range(new)]
    twin = Twin([*stable, *preview], live)
    swapped = [replace(m, group="preview") for m in stable] + [replace(m, group="stable") for m in preview]
    looks = [twin.taking()]
    for command in commands("p", "web", twin.pools(), swapped):
        twin.do(command)
        looks.append(twin.taking())
    assert looks == [{m.name for m in stable}, {m.name for m in preview}]


@given(TEAMS, st.sampled_from(SIDES))
def test_members_are_told_as_they_were_put(members: list[Member], live: str) -> None:
    told = {found.member for found in seen(Twin(members, live).pools())}
    assert told == set(members)
    assert all((CANARY, m.name) in wanted(live, members) for m in members if m.group == "canary")
