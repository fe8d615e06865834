"""What a pair of Caddys is told: in one form whatever the order, and nothing of anybody else is touched."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestr8.core.secret import Secret
from orchestr8.deploy.traffic import Group, Match, Member, Route, Tls
from orchestr8.engine.services.traffic import TrafficError
from orchestr8.traffic import caddy_config
from orchestr8.traffic.caddy_routes import routes_of

FOLDER = "/run/edge"
ONE, TWO = Member("shop-web-1-1", "10.0.0.1", 8080), Member("shop-web-2-1", "fd00::2", 8080, 40)
WEB = Route("web", host="shop.example")
ROUTES = (
    Route("wild", host="*.example"),
    WEB,
    Route("rest"),
    Route("api", host="shop.example", path="/api"),
)
GROUPS: list[Group] = ["stable", "canary", "preview"]
MEMBERS = st.lists(
    st.builds(
        Member,
        name=st.from_regex(r"[a-z0-9][a-z0-9_.-]{0,20}", fullmatch=True),
        address=st.ip_addresses().map(str),
        port=st.integers(1, 65535),
        weight=st.integers(0, 256),
        draining=st.booleans(),
        group=st.sampled_from(GROUPS),
    ),
    unique_by=lambda m: m.name,
    max_size=5,
)


def back(*routes: Route, config: Any = None, project: str = "shop", **pools: list[Member]) -> Any:
    return caddy_config.back(config, FOLDER, project, routes, pools)


def front(*routes: Route, config: Any = None, project: str = "shop") -> Any:
    return caddy_config.front(config, FOLDER, project, routes)


def routes(config: Any, port: int = 80) -> list[Any]:
    return list(config["apps"]["http"]["servers"][f"o8-{port}"]["routes"])


def policy(route: Any) -> Any:
    return route["handle"][0]["load_balancing"]["selection_policy"]


@given(MEMBERS, MEMBERS, st.booleans())
def test_members_are_read_as_they_were_written(
    some: list[Member], others: list[Member], sticky: bool
) -> None:
    route = replace(WEB, sticky="seat" if sticky else "", match=(Match("header", "X-Canary"),))
    written = back(route, web=some)
    assert sorted(caddy_config.members(written, "shop", "web"), key=str) == sorted(some, key=str)
    assert caddy_config.changed(written, "shop", "web", others) == back(route, web=others)


@given(MEMBERS)
def test_a_project_leaves_nothing_behind_and_touches_nothing_else(members: list[Member]) -> None:
    theirs = {"admin": {"listen": "unix//x"}, "apps": {"http": {"servers": {"x": {"listen": [":81"]}}}}}
    other = back(Route("web", host="other.example"), config=theirs, project="other", web=[TWO])
    both = back(*ROUTES, config=other, web=members)
    assert caddy_config.members(both, "other", "web") == [TWO]
    assert back(config=both) == other
    assert back(config=both)["apps"]["http"]["servers"]["x"] == {"listen": [":81"]}
    assert back(config=other, project="other")["apps"]["http"]["servers"] == {"x": {"listen": [":81"]}}


def test_named_hosts_and_longer_paths_come_first() -> None:
    order = [route.get("@id", "rest").split("~")[2:3] for route in routes(front(*ROUTES))]
    assert order == [["api"], ["web"], ["wild"], ["rest"], []]
    assert front(*ROUTES) == front(*reversed(ROUTES))


def test_weights_are_as_small_as_they_can_be() -> None:
    wanted = [replace(ONE, weight=252), replace(TWO, weight=56)]
    main = routes(back(WEB, web=wanted))[0]
    assert main["handle"][0]["upstreams"] == [{"dial": "10.0.0.1:8080"}, {"dial": "[fd00::2]:8080"}]
    assert policy(main) == {"policy": "weighted_round_robin", "weights": [9, 2]}


def test_nobody_is_sent_to_who_drains_or_weighs_nothing() -> None:
    wanted = [replace(ONE, draining=True), replace(TWO, weight=0)]
    main = routes(back(WEB, web=wanted))[0]
    assert "upstreams" not in main["handle"][0]


def test_canary_users_fall_back_to_all_as_long_as_there_is_no_canary() -> None:
    route = replace(WEB, match=(Match("cookie", "beta"),))
    alone, _, main = _three(route, [ONE])
    assert alone["handle"] == main["handle"]
    chosen, _, main = _three(route, [ONE, replace(TWO, group="canary", weight=0)])
    assert chosen["handle"][0]["upstreams"] == [{"dial": "[fd00::2]:8080"}]
    assert main["handle"][0]["upstreams"] == [{"dial": "10.0.0.1:8080"}]


def _three(route: Route, members: list[Member]) -> tuple[Any, Any, Any]:
    match, main, roster = routes_of("shop", route, members)
    return match, roster, main


def test_a_change_by_somebody_else_is_noticed() -> None:
    written = back(WEB, web=[ONE, TWO])
    policy(routes(written)[0])["weights"] = [1, 1]
    with pytest.raises(TrafficError, match="somebody else"):
        caddy_config.members(written, "shop", "web")


def test_what_is_for_containers_listens_where_they_reach_the_host() -> None:
    both = [replace(WEB, inside=True), Route("api")]
    servers = caddy_config.front({}, FOLDER, "shop", both, "172.17.0.1")["apps"]["http"]["servers"]
    assert {n: s["listen"] for n, s in servers.items()} == {
        "o8-80": [":80"],
        "o8-inside-80": ["172.17.0.1:80"],
    }


def test_a_route_counts_when_both_halves_have_it() -> None:
    inside, outside = back(WEB, Route("api"), web=[ONE]), front(WEB)
    assert caddy_config.routes(outside, inside, "shop") == {"web": WEB.digest}
    assert caddy_config.routes(front(replace(WEB, path="/x")), inside, "shop") == {}
    assert caddy_config.routes(None, None, "shop") == {}


def test_certificates_stand_with_the_front_alone() -> None:
    route = replace(WEB, listen=443, tls=Tls(Secret("cert"), Secret("key")), redirect=80)
    written = front(route)
    assert written["apps"]["tls"]["certificates"]["load_pem"][0]["tags"] == ["o8~shop~web"]
    assert routes(written)[0]["handle"][0]["headers"]["Location"] == [
        "https://{http.request.host}{http.request.uri}"
    ]
    assert "tls" not in back(route, web=[ONE])["apps"]
    assert front(config=written)["apps"]["tls"]["certificates"]["load_pem"] == []


@pytest.mark.parametrize(
    "route",
    [
        Route("a b"),
        Route("a~b"),
        Route("web", host="a b"),
        Route("web", host="{env.HOME}"),
        Route("web", path="/{env.HOME}"),
        Route("web", match=(Match("header", "X: y"),)),
        Route("db", mode="tcp"),
    ],
)
def test_what_could_mean_something_else_is_refused(route: Route) -> None:
    with pytest.raises(TrafficError):
        back(route)


@pytest.mark.parametrize("address", ["localhost", "10.0.0.1:1", "unix//x", "{env.HOME}"])
def test_a_member_has_an_address_and_nothing_else(address: str) -> None:
    with pytest.raises(TrafficError):
        back(WEB, web=[replace(ONE, address=address)])
