"""The file says who gets what, in one form whatever the order; nothing foreign gets into it."""

from __future__ import annotations

import pytest

from orchestr8.deploy.traffic import Member, Route
from orchestr8.engine.services.traffic import TrafficError
from orchestr8.traffic.haproxy_config import render

ONE, TWO = Member("shop-web-1-1", "10.0.0.1", 8080), Member("shop-web-2-1", "fd00::2", 8080, 40)
ROUTES = (
    Route("web", host="shop.example"),
    Route("api", host="shop.example", path="/api"),
    Route("wild", host="*.shop.example"),
    Route("rest"),
    Route("db", listen=5432, mode="tcp"),
)


def text(*routes: Route, **pools: tuple[Member, ...]) -> str:
    return render("shop", "/run/edge/admin.sock", routes, pools)


def rules(written: str) -> list[str]:
    return [
        line.strip() for line in written.splitlines() if "use_backend" in line or "default_backend" in line
    ]


def test_longer_paths_and_named_hosts_come_first() -> None:
    assert rules(text(*ROUTES)) == [
        "use_backend o8.shop.wild if { req.hdr(host),field(1,:),lower -m end .shop.example }",
        "use_backend o8.shop.api if { req.hdr(host),field(1,:),lower shop.example } { path_beg '/api' }",
        "use_backend o8.shop.web if { req.hdr(host),field(1,:),lower shop.example }",
        "use_backend o8.shop.rest",
        "default_backend o8.shop.db",
    ]


def test_members_stand_with_their_weights() -> None:
    drained = Member("shop-web-3-1", "10.0.0.3", 8080, 90, draining=True)
    servers = [
        line.strip()
        for line in text(Route("web"), web=(TWO, drained, ONE)).splitlines()
        if "server shop" in line
    ]
    assert servers == [
        "server shop-web-1-1 10.0.0.1:8080 weight 100 check inter 1s fall 2 rise 1",
        "server shop-web-2-1 [fd00::2]:8080 weight 40 check inter 1s fall 2 rise 1",
        "server shop-web-3-1 10.0.0.3:8080 weight 0 check inter 1s fall 2 rise 1",
    ]


def test_the_order_in_which_things_are_given_does_not_matter() -> None:
    assert text(*ROUTES, web=(ONE, TWO)) == text(*reversed(ROUTES), web=(TWO, ONE))


@pytest.mark.parametrize(
    "route",
    [
        Route("web\nfrontend x"),
        Route("web", host="a b"),
        Route("web", host="a }"),
        Route("web", path="/a b"),
        Route("web", path="/a\n"),
        Route("web", path="a"),
    ],
)
def test_what_could_break_out_of_its_place_is_refused(route: Route) -> None:
    with pytest.raises(TrafficError, match="cannot be a"):
        text(route)


def test_members_are_addresses_and_words() -> None:
    for member in (Member("a b", "10.0.0.1", 1), Member("a", "10.0.0.1 weight 9", 1)):
        with pytest.raises(TrafficError):
            text(Route("web"), web=(member,))


def test_a_port_serves_one_tcp_service_alone() -> None:
    with pytest.raises(TrafficError, match="port 80 can serve one tcp service"):
        text(Route("web"), Route("db", mode="tcp"))
