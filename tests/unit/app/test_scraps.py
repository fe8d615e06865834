"""What nobody needs any more is found; what runs is only taken by name."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

from orchestr8.app.rebalance import movable
from orchestr8.app.scraps import scraps, strays
from orchestr8.app.services_fleet import Deployed
from orchestr8.deploy.model import HostFacts, Observed, Replica, Revision, ServiceSpec, Timer, Workload

SPEC = ServiceSpec("web", Workload("app", "app@sha256:1"), revisions=2)
RECORDS = tuple(Revision("web", n, SPEC, "good") for n in range(1, 5))
WEB = Replica("1", "shop-web-1-4", "web", 1, 4, "x", "h1", "running")
OLD = Replica("2", "shop-old-1-1", "old", 1, 1, "x", "h1", "exited")
ODD = replace(OLD, id="3", name="shop-odd-1-1", service="odd", state="running")
HOST = HostFacts("h1", pins=frozenset({"web:4", "web:3", "web:1", "web:0", "old:1"}))
SEEN = Observed((HOST,), (WEB, OLD, ODD), {"web": RECORDS})


def found(*leaving: str) -> list[str]:
    return [str(scrap) for scrap in scraps(SEEN, leaving)]


def test_only_what_is_left_over_goes() -> None:
    assert found() == [
        "container shop-old-1-1 on h1 (no record tells of its service)",
        "image old:1 on h1 (its revision is forgotten)",
        "image web:0 on h1 (its revision is forgotten)",
        "record web revision 1 (only 2 are kept)",
        "record web revision 2 (only 2 are kept)",
    ]
    assert strays(SEEN, ()) == ["shop-odd-1-1 on h1"]


def test_a_service_goes_as_a_whole_by_name() -> None:
    assert "container shop-web-1-4 on h1 (its service goes)" in found("web")
    assert sum("record web" in line for line in found("web")) == 4
    assert "container shop-odd-1-1 on h1 (its service goes)" in found("odd")
    assert strays(SEEN, ("odd",)) == []


def test_a_container_that_its_timer_may_start_at_any_moment_is_stopped_first() -> None:
    ended, plain = replace(WEB, state="exited"), replace(WEB, id="4", name="shop-web-2-4", state="exited")
    timed = replace(HOST, timers=(Timer("web", 1, WEB.name, "daily"),))
    going = scraps(Observed((timed,), (ended, plain, ODD), SEEN.revisions), ("web", "odd"))
    assert [scrap.kind for scrap in going][:2] == ["timer", "container"]
    assert {s.name: s.stop for s in going if s.kind == "container"} == {
        "shop-web-1-4": True,
        "shop-web-2-4": False,
        "shop-odd-1-1": True,
    }


def test_everything_that_stands_somewhere_is_rebalanced_and_nothing_else() -> None:
    """A job that failed, or a service that never was good, keeps nobody from moving the others."""
    job = replace(SPEC, name="job", mode="job")
    records = {
        "web": RECORDS,
        "job": (Revision("job", 1, job, "good"),),
        "new": (Revision("new", 1, replace(SPEC, name="new"), "bad"),),
    }
    assert movable(Deployed("shop", cast("Any", None), Observed((HOST,), (WEB,), records))) == ["web"]
