"""Containers know the names of the services they use; balancers stand where those are used."""

from __future__ import annotations

from dataclasses import replace

import pytest

from orchestr8.core.errors import O8Error
from orchestr8.core.span import Text
from orchestr8.deploy.discovery import Discovery, told
from orchestr8.deploy.found import found
from orchestr8.deploy.model import HostFacts, Observed, Replica, ServiceSpec, Workload
from orchestr8.engine.services.finding import connected, early
from orchestr8.template.scope import Scope
from orchestr8.template.templar import Templar

DB = ServiceSpec("db", Workload("x"), discovery=Discovery(5432, 15432, "tcp"))
API = ServiceSpec("api", Workload("x", extra_hosts=("a:1.2.3.4",)), uses=("db",))


def test_a_user_knows_the_name_and_the_balancer_stands_on_its_hosts() -> None:
    db, api = connected("shop", [(DB, {"h1"}), (API, {"h3", "h2"})])
    assert api.workload.extra_hosts == ("a:1.2.3.4", "db.shop.internal:host-gateway")
    assert db.workload.extra_hosts == ()
    assert db.ingress is not None
    assert (db.ingress.on, db.ingress.listen, db.ingress.port) == ("h2,h3", 15432, 5432)
    assert (db.ingress.inside, db.ingress.mode, db.ingress.host) == (True, "tcp", "")


def test_http_services_are_told_apart_by_name() -> None:
    web = ServiceSpec("web", Workload("x"), discovery=Discovery(80, 80), uses=("web",))
    (made,) = connected("shop", [(web, {"h1"})])
    assert made.ingress is not None
    assert made.ingress.route("web").host == "web.shop.internal"


def test_where_nobody_uses_it_there_is_no_balancer() -> None:
    assert connected("shop", [(DB, {"h1"})]) == [DB]


def test_members_are_those_that_serve_where_edges_find_them() -> None:
    def replica(number: int, state: str = "running") -> Replica:
        name, at = f"shop-db-{number}-1", f"h{number}"
        made = Replica(name, name, "db", number, 1, "", at, "running", ready=True)
        return replace(made, state=state, published={"5432/tcp": 20000 + number})

    hosts = (HostFacts("h1", address="10.0.0.1"), HostFacts("h2", address="10.0.0.2"))
    seen = Observed(hosts, (replica(2), replica(1), replica(3, "exited")))
    table = found("shop", [DB, API], seen)
    assert list(table) == ["db"]
    assert table["db"]["name"] == "db.shop.internal"
    assert table["db"]["members"] == [
        {"name": "shop-db-1-1", "host": "h1", "address": "10.0.0.1", "port": 20001},
        {"name": "shop-db-2-1", "host": "h2", "address": "10.0.0.2", "port": 20002},
    ]


def test_members_asked_for_too_early_are_a_clear_error() -> None:
    assert DB.discovery is not None
    scope = Scope({"services": early(told("shop", {"db": DB.discovery}))})
    templar = Templar()
    assert templar.render(Text("{{ services.db.address }}"), scope) == "db.shop.internal:15432"
    with pytest.raises(O8Error, match="members of service `db` are known only after it was deployed"):
        templar.render(Text("{{ services.db.members | length }}"), scope)
