"""What every load balancer has to do: tests that the twin in memory and each real one run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Protocol

import pytest

from orchestr8.deploy.traffic import Member, Route
from orchestr8.engine.services.traffic import Edge, TrafficError

PORT = 8899
WEB = Route("web", listen=PORT)


class Bench(Protocol):
    """A balancer under test, and replicas that it can send requests to."""

    edge: Edge

    def member(self, number: int, weight: int = 100) -> Member:
        """Return a replica that answers: 1 or 2."""
        ...

    def busy(self, member: Member) -> AbstractContextManager[None]:
        """Have a request of the service `web` in flight at its only member, until the block ends."""
        ...


class EdgeContract:
    """Subclasses give the fixture `bench`, whose balancer has no route yet."""

    @pytest.fixture
    def web(self, bench: Bench) -> Iterator[Edge]:
        bench.edge.ensure([WEB], {"web": [bench.member(1)]})
        yield bench.edge
        bench.edge.ensure([], {})

    def test_what_is_there_already_is_no_change(self, bench: Bench, web: Edge) -> None:
        one, two = bench.member(1), bench.member(2, 30)
        assert web.ensure([WEB], {"web": [one, two]})
        assert not web.ensure([WEB], {"web": [two, one]})
        assert members(web) == {one, two}

    def test_routes_are_told_by_their_digest(self, bench: Bench, web: Edge) -> None:
        assert dict(web.routes()) == {"web": WEB.digest}
        other = replace(WEB, path="/x")
        web.ensure([other], {"web": [bench.member(1)]})
        assert dict(web.routes()) == {"web": other.digest}
        web.ensure([], {})
        assert dict(web.routes()) == {}

    def test_members_are_told_as_they_were_put(self, bench: Bench, web: Edge) -> None:
        one = replace(bench.member(1), weight=7)
        two = replace(bench.member(2), weight=90, group="canary", draining=True)
        assert web.put("web", [one, two])
        assert members(web) == {one, two}
        assert not web.put("web", [two, one])

    def test_weights_change_for_those_that_are_named(self, bench: Bench, web: Edge) -> None:
        one, two = bench.member(1), bench.member(2)
        web.add("web", two)
        web.set_weights("web", {one.name: 3})
        assert members(web) == {replace(one, weight=3), two}
        web.set_weights("web", {one.name: 0, two.name: 0})
        assert {m.weight for m in members(web)} == {0}
        with pytest.raises(TrafficError):
            web.set_weights("web", {"nobody": 1})

    def test_doing_it_again_does_no_harm(self, bench: Bench, web: Edge) -> None:
        two = bench.member(2)
        web.add("web", two)
        web.set_weights("web", {two.name: 5})
        web.add("web", two)
        assert replace(two, weight=5) in members(web)
        for _ in range(2):
            web.drain("web", two.name)
        for _ in range(2):
            web.remove("web", two.name)
        assert members(web) == {bench.member(1)}

    def test_a_member_is_drained_when_its_last_request_has_ended(self, bench: Bench, web: Edge) -> None:
        one = bench.member(1)
        with bench.busy(one):
            web.drain("web", one.name)
            assert not web.drained("web", one.name)
            assert [(s.member.draining, s.current) for s in web.members("web")] == [(True, 1)]
        assert web.drained("web", one.name)

    def test_a_busy_member_that_goes_is_kept_draining(self, bench: Bench, web: Edge) -> None:
        one, two = bench.member(1), bench.member(2)
        with bench.busy(one):
            web.put("web", [two])
            assert members(web) == {replace(one, draining=True), two}
        web.remove("web", one.name)
        assert members(web) == {two}

    def test_what_it_does_not_know_is_an_error(self, web: Edge) -> None:
        with pytest.raises(TrafficError):
            web.members("nothing")
        with pytest.raises(TrafficError):
            web.drain("web", "nobody")

    def test_a_route_that_goes_takes_its_members_along(self, bench: Bench, web: Edge) -> None:
        other = Route("other", listen=PORT, host="other.example")
        web.ensure([WEB, other], {"web": [bench.member(1)], "other": [bench.member(2)]})
        web.ensure([other], {"other": [bench.member(2)]})
        assert {s.member for s in web.members("other")} == {bench.member(2)}
        with pytest.raises(TrafficError):
            web.members("web")

    def test_what_it_cannot_do_is_refused(self, bench: Bench, web: Edge) -> None:
        if web.capabilities.tcp:
            pytest.skip("it can do everything")
        with pytest.raises(TrafficError, match="tcp"):
            web.ensure([replace(WEB, mode="tcp")], {"web": [bench.member(1)]})


def members(edge: Edge) -> set[Member]:
    """Return the members of `web`."""
    return {seen.member for seen in edge.members("web")}
