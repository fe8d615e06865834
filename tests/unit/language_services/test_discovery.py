"""Services that find each other: what is wrong is said before any host is contacted."""

from __future__ import annotations

from typing import Any

import pytest

from orchestr8.core.errors import InvalidInput
from orchestr8.deploy.discovery import Discovery, host_name, told
from orchestr8.language.services import check, check_together, read

HTTP = {"port": 80}
TCP = {"port": 1, "mode": "tcp"}


def said(services: dict[str, Any]) -> list[str]:
    written = {name: {"image": "x", **spec} for name, spec in services.items()}
    return [d.message for d in check(written)]


def test_the_port_is_the_containers_own() -> None:
    spec = read("api", {"image": "x", "discovery": 8080, "uses": ["db", "db"]}, {}, ["db"])
    assert spec.discovery == Discovery(8080, 8080)
    assert spec.uses == ("db",)


def test_what_templates_see_before_anything_runs() -> None:
    db = Discovery(5432, 15432, "tcp")
    assert told("shop_eu", {"db": db})["db"] == {
        "name": "db.shop-eu.internal",
        "port": 15432,
        "mode": "tcp",
        "address": "db.shop-eu.internal:15432",
    }
    assert host_name("shop", "my_db") == "my-db.shop.internal"


@pytest.mark.parametrize(
    ("services", "message"),
    [
        (
            {"a": {"uses": ["bb"]}, "b": {"discovery": HTTP}},
            "`services.a.uses`: there is no service `bb` in this play",
        ),
        ({"a": {"uses": ["b"]}, "b": {}}, "`services.a.uses`: service `b` cannot be found by others"),
        ({"a": {"discovery": {"listen": 1}}}, "`services.a.discovery`: needs `port`, the container's port"),
        ({"a": {"discovery": 70000}}, "`services.a.discovery`: needs a port from 1 to 65535, not `70000`"),
        ({"a": {"discovery": {**HTTP, "mod": "tcp"}}}, "`discovery` has no key `mod`"),
        (
            {"a": {"discovery": {"port": 1, "mode": "tcp", "via": "caddy"}}},
            "`services.a.discovery`: `via: caddy` balances http only",
        ),
        (
            {
                "a": {"discovery": {**HTTP, "listen": 5432}},
                "b": {"discovery": {**TCP, "port": 5432}},
            },
            "`services.b.discovery`: port 5432 is taken by `a`",
        ),
        (
            {"a": {"discovery": HTTP, "ingress": {"on": "x", "via": "caddy", "port": 80}}},
            "`services.a.discovery`: `discovery` and `ingress` exclude each other",
        ),
        ({"a": {"discovery": HTTP, "mode": "job"}}, "`services.a.discovery`: a job is not there to be found"),
    ],
)
def test_mistakes_are_named(services: dict[str, Any], message: str) -> None:
    assert said(services) == [message]


def test_http_services_share_a_port() -> None:
    assert said({"a": {"discovery": HTTP}, "b": {"discovery": HTTP, "uses": ["a", "b"]}}) == []


def test_what_only_shows_when_rendered_is_found_then() -> None:
    rendered = {n: {"image": "x", "discovery": TCP} for n in ("a", "b")}
    specs = [read(name, spec, spec) for name, spec in rendered.items()]
    with pytest.raises(InvalidInput, match="port 1 is taken by `a`"):
        check_together(specs, rendered, rendered)
