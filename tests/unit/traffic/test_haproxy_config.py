"""The file says who gets what, in one form whatever the order; nothing foreign gets into it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from orchestr8.core.secret import Secret
from orchestr8.deploy.traffic import Match, Member, Route, Tls
from orchestr8.engine.services.traffic import TrafficError
from orchestr8.traffic.haproxy_config import BEGIN, END, Part, Whole, frame, read, render
from orchestr8.traffic.haproxy_pools import wanted

ONE, TWO = Member("shop-web-1-1", "10.0.0.1", 8080), Member("shop-web-2-1", "fd00::2", 8080, 40)
FOLDER = "/run/edge"
ROUTES = (
    Route("web", host="shop.example"),
    Route("api", host="shop.example", path="/api"),
    Route("wild", host="*.shop.example"),
    Route("rest"),
    Route("db", listen=5432, mode="tcp"),
)


def part(routes: Sequence[Route], live: str = "a", **pools: Sequence[Member]) -> Part:
    servers = {service: wanted(live, members) for service, members in pools.items()}
    return Part(tuple(routes), servers, dict.fromkeys(pools, live), {r.service: r.digest for r in routes})


def text(*routes: Route, **pools: tuple[Member, ...]) -> str:
    return render(Whole("", {"shop": part(routes, **pools)}), FOLDER)


def lines(written: str, *starts: str) -> list[str]:
    return [line.strip() for line in written.splitlines() if line.strip().startswith(starts)]


def test_exact_hosts_come_before_patterns_and_longer_paths_before_shorter_ones() -> None:
    pools = [line.split()[1] for line in lines(text(*ROUTES), "use_backend") if ":a" in line.split()[1]]
    assert pools == ["o8.shop.api:a", "o8.shop.web:a", "o8.shop.wild:a", "o8.shop.rest:a"]


def test_a_service_is_found_by_host_and_path() -> None:
    written = text(ROUTES[1])
    assert lines(written, "acl", "use_backend") == [
        "acl r0.host req.hdr(host),host_only,lower -m str shop.example",
        "acl r0.path path '/api'",
        "acl r0.path path_beg '/api/'",
        "use_backend o8.shop.api:b if r0.host r0.path { srv_is_up(o8.shop.api:switch/b) }",
        "use_backend o8.shop.api:a if r0.host r0.path",
    ]


def test_previews_and_canary_users_are_led_to_their_pools() -> None:
    route = Route("web", preview=Match("header", "X-Next", "1"), match=(Match("cookie", "beta"),))
    assert lines(text(route), "acl", "use_backend") == [
        "acl r0.preview req.hdr(X-Next) -m str '1'",
        "acl r0.canary req.cook(beta) -m found",
        "use_backend o8.shop.web:a if r0.preview { srv_is_up(o8.shop.web:switch/b) }",
        "use_backend o8.shop.web:b if r0.preview",
        "use_backend o8.shop.web:canary if r0.canary { nbsrv(o8.shop.web:canary) gt 0 }",
        "use_backend o8.shop.web:b if { srv_is_up(o8.shop.web:switch/b) }",
        "use_backend o8.shop.web:a",
    ]


def test_members_stand_with_their_weights_and_states() -> None:
    drained = Member("shop-web-3-1", "10.0.0.3", 8080, 90, draining=True)
    check = "check inter 1s fall 2 rise 1"
    assert lines(text(Route("web"), web=(TWO, drained, ONE)), "server shop") == [
        f"server shop-web-1-1 10.0.0.1:8080 weight 100 {check}",
        f"server shop-web-2-1 [fd00::2]:8080 weight 40 {check}",
        f"server shop-web-3-1 10.0.0.3:8080 weight 90 {check} disabled",
    ]


def test_the_order_in_which_things_are_given_does_not_matter() -> None:
    assert text(*ROUTES, web=(ONE, TWO)) == text(*reversed(ROUTES), web=(TWO, ONE))


def test_what_is_for_containers_listens_where_they_reach_the_host() -> None:
    routes = [Route("web", inside=True), Route("db", listen=5432, mode="tcp", inside=True), Route("api")]
    whole = Whole("", {"shop": part(routes)})
    written = render(whole, FOLDER, "172.17.0.1")
    assert lines(written, "bind") == ["bind :80", "bind 172.17.0.1:80", "bind 172.17.0.1:5432"]
    assert lines(written, "frontend")[:2] == [
        "frontend o8.port.80 from o8.door",
        "frontend o8.inside.80 from o8.door",
    ]
    assert read(written).inside


def test_what_is_written_is_read_again() -> None:
    canary = replace(TWO, group="canary")
    tls = Tls(Secret("a chain of trust"), Secret("what nobody may see"))
    parts = {"shop": part([*ROUTES, Route("safe", listen=443, tls=tls)], "b", web=[ONE, canary])}
    whole = Whole("global\n    daemon\n\n", parts, "# theirs\n")
    written = render(whole, FOLDER)
    assert "nobody may see" not in written
    assert "of trust" not in written
    found = read(written)
    assert render(found, FOLDER) == written
    assert (found.before, found.after) == (whole.before, whole.after)
    assert found.parts["shop"].servers["web"] == parts["shop"].servers["web"]
    assert found.parts["shop"].live["web"] == "b"
    assert found.parts["shop"].digests == parts["shop"].digests


def test_only_what_needs_a_reload_changes_the_frame() -> None:
    before = Whole("", {"shop": part([Route("web")], web=[ONE])})
    members = Whole("", {"shop": part([Route("web")], "b", web=[TWO, replace(ONE, draining=True)])})
    routes = Whole("", {"shop": part([Route("web", path="/x")], web=[ONE])})
    theirs = replace(before, before="global\n")
    assert frame(before, FOLDER) == frame(members, FOLDER) == frame(theirs, FOLDER)
    assert len({frame(each, FOLDER) for each in (before, routes, replace(theirs, own=True))}) == 3
    assert frame(Whole("", {"shop": Part()}), FOLDER) == ""


def test_what_others_wrote_stays_as_it_is() -> None:
    theirs = "global\n    daemon\n\nfrontend x\n    bind :1\n    # no newline at the end"
    whole = read(theirs)
    written = render(replace(whole, parts={"shop": part([Route("web")], web=[ONE])}), FOLDER)
    assert written.startswith(theirs + "\n" + BEGIN)
    gone = render(replace(read(written), parts={}), FOLDER)
    assert gone == f"{theirs}\n{BEGIN}\n{END}\n"


@pytest.mark.parametrize(
    "damaged",
    [BEGIN + "\nfrontend", f"{BEGIN}\n# project shop [}}\n{END}\n", f"{BEGIN}\n# project a {{\n{END}\n"],
)
def test_a_damaged_section_is_named(damaged: str) -> None:
    with pytest.raises(TrafficError, match="damaged"):
        read(damaged)


@pytest.mark.parametrize(
    "route",
    [
        Route("web\nfrontend x"),
        Route("web", host="a b"),
        Route("web", host="a }"),
        Route("web", path="/a b"),
        Route("web", path="/a\n"),
        Route("web", path="a"),
        Route("web", preview=Match("header", "X Y")),
        Route("web", preview=Match("header", "X", "a'b")),
        Route("web", match=(Match("cookie", "a)b"),)),
        Route("web", sticky="a b"),
    ],
)
def test_what_could_break_out_of_its_place_is_refused(route: Route) -> None:
    with pytest.raises(TrafficError, match="cannot be a"):
        text(route)


def test_members_are_addresses_and_words() -> None:
    for member in (Member("a b", "10.0.0.1", 1), Member("a", "10.0.0.1 weight 9", 1)):
        with pytest.raises(TrafficError):
            text(Route("web"), web=(member,))


@pytest.mark.parametrize(
    ("routes", "why"),
    [
        ([Route("web"), Route("db", mode="tcp")], "port 80 can serve one tcp service"),
        ([Route("web"), Route("api")], "the same host and path lead to several services: shop.api, shop.web"),
        ([Route("web"), Route("api", path="/a", tls=Tls(Secret(""), Secret("")))], "either with TLS or"),
        ([Route("db", mode="tcp", preview=Match("host", "a"))], "tcp has no headers"),
    ],
)
def test_what_a_port_cannot_be_is_refused(routes: list[Route], why: str) -> None:
    with pytest.raises(TrafficError, match=why):
        text(*routes)
