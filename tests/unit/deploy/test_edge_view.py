"""What balancers show, held against what the records say."""

from __future__ import annotations

from dataclasses import replace

from orchestr8.deploy.edge_view import EdgeView, disagreements, edge_drift, edge_views
from orchestr8.deploy.ingress import EdgeSight, Ingress, Placed
from orchestr8.deploy.model import Observed, Replica, Revision, ServiceSpec, Workload
from orchestr8.deploy.rollout.view import member_name
from orchestr8.deploy.traffic import Member

SPEC = ServiceSpec("web", Workload("app", pinned="app@1"), replicas=2, ingress=Ingress("edges", 8080))
RECORD = Revision("web", 1, SPEC, "good")
LIVE = tuple(
    Replica(f"c{n}", f"web-{n}-1", "web", n, 1, SPEC.workload.spec_hash, f"h{n}", "running") for n in (1, 2)
)
ROUTE = Ingress("edges", 8080).route("web").digest
WHOLE = EdgeSight(ROUTE, tuple(Placed(Member(member_name(r), "10.0.0.1", 20000)) for r in LIVE))


def views(**edges: EdgeSight) -> tuple[EdgeView, ...]:
    seen = Observed(replicas=LIVE, revisions={"web": (RECORD,)}, edges={"web": edges})
    return edge_views(seen, "web")


def drift(*named: str, **edges: EdgeSight) -> list[str]:
    return list(edge_drift(views(**edges), RECORD, named, LIVE))


def test_edges_that_show_what_the_record_says_are_no_drift() -> None:
    shown = views(e1=WHOLE, e2=WHOLE)
    assert [v.shares for v in shown] == [{1: 100.0}] * 2
    assert not list(disagreements(shown))
    assert drift("e1", "e2", e1=WHOLE, e2=WHOLE) == []


def test_a_member_that_lacks_or_does_not_run_is_named() -> None:
    stranger = Placed(Member("web-9-1.h9", "10.0.0.9", 20000))
    odd = EdgeSight(ROUTE, (WHOLE.members[0], stranger))
    assert drift("e1", e1=odd) == [
        "edge e1 sends no requests to web-2-1.h2",
        "edge e1 sends requests to web-9-1.h9, which does not run",
    ]
    draining = replace(WHOLE.members[0], member=replace(WHOLE.members[0].member, draining=True))
    shown = EdgeSight(ROUTE, (draining, WHOLE.members[1]))
    assert drift("e1", e1=shown) == ["edge e1 sends no requests to web-1-1.h1"]
    assert [m.state for m in views(e1=shown)[0].members] == ["draining", "up"]


def test_other_routes_and_missing_edges_are_named() -> None:
    assert drift("e1", "e2", e1=EdgeSight("other"), e3=WHOLE) == [
        "edge e1 routes otherwise than revision 1 says",
        "edge e3 has a route that revision 1 does not name",
        "edge e2 knows nothing of the service",
    ]
    assert drift("e1", e1=EdgeSight()) == ["edge e1 has no route as revision 1 says"]


def test_what_a_balancer_finds_down_or_does_not_say_is_told_whoever_is_right() -> None:
    down = EdgeSight(ROUTE, (replace(WHOLE.members[0], up=False), WHOLE.members[1]))
    told = list(disagreements(views(e1=down, e2=EdgeSight(error="no socket"))))
    assert told == ["edge e1 finds web-1-1.h1 down", "edge e2 does not answer: no socket"]
    assert drift("e1", "e2", e1=WHOLE, e2=EdgeSight(error="no socket")) == []
