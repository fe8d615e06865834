"""Figures of requests for checks, counted by balancers in memory."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from orchestr8.deploy.gate.check import Check
from orchestr8.deploy.gate.tally import judge
from orchestr8.deploy.model import HostFacts, Replica, ServiceSpec, Workload
from orchestr8.deploy.rollout.view import member_name
from orchestr8.deploy.traffic_counts import BOUNDS, Tally
from orchestr8.engine.services.gate_ingress import IngressFigures
from orchestr8.engine.services.gate_port import Question, Reading, Unanswered
from orchestr8.engine.services.ports import Answer, Site
from orchestr8.runtime.memory import MemoryImages, MemoryRuntime
from orchestr8.state.memory import MemoryRecords
from orchestr8.state.memory_files import MemoryFiles
from orchestr8.traffic.memory import MemoryEdge

NEW = Replica("c1", "web-1-2", "web", 1, 2, "", "h1", "running")
OLD = Replica("c2", "web-2-1", "web", 2, 1, "", "h1", "running")
CHECK = Check("ingress", origin="controller", minimum=100, success="error_rate <= 1% and p95 <= 200ms")


class Edges:
    """Two balancers that have both replicas as members."""

    def __init__(self) -> None:
        self.edges = {"e1": MemoryEdge(), "e2": MemoryEdge()}
        for edge in self.edges.values():
            edge.pools["web"] = {}
        self.ask = IngressFigures(lambda service: {n: e.counts(service) for n, e in self.edges.items()})
        self.had: dict[tuple[str, str], Tally] = {}

    def serve(self, edge: str, replica: Replica, requests: int, failures: int = 0, ms: int = 20) -> None:
        name = member_name(replica)
        before = self.had.get((edge, name), Tally(name, times=(0,) * (len(BOUNDS) + 1)))
        slot = next((n for n, bound in enumerate(BOUNDS) if ms <= bound), len(BOUNDS))
        times = tuple(t + requests * (n == slot) for n, t in enumerate(before.times))
        self.had[edge, name] = Tally(name, before.requests + requests, before.failures + failures, times)
        self.edges[edge].tallies["web"] = tuple(t for (e, _), t in self.had.items() if e == edge)

    def look(self, **more: Any) -> Reading:
        runtime = MemoryRuntime(HostFacts("h1"), MemoryImages({}))
        site = Site("h1", runtime, MemoryRecords(), lambda t: [Answer(True) for _ in t], MemoryFiles())
        check = replace(CHECK, **more)
        spec = ServiceSpec("web", Workload("app"))
        return self.ask(Question(check, spec, 2, 1, 3, ((site, NEW),)))


def test_requests_of_all_edges_count_from_the_first_look_on() -> None:
    it = Edges()
    it.serve("e1", NEW, 5000, failures=5000)
    assert it.look() == Reading(detail="0 of 100 requests", enough=False)
    it.serve("e1", NEW, 60, failures=1)
    assert it.look().detail == "60 of 100 requests"
    it.serve("e2", NEW, 140, ms=180)
    reading = it.look()
    assert reading.detail == "200 requests, 0.5% failed, p95 200ms"
    assert reading.answers[0]["p50"] == 0.2
    assert judge(CHECK, reading.answers, reading.natural) == "success"
    it.serve("e2", NEW, 10, failures=9)
    reading = it.look()
    assert judge(CHECK, reading.answers, reading.natural) == "failure"


def test_the_new_revision_is_compared_with_the_old_one_when_both_had_enough() -> None:
    it = Edges()
    condition = "p95 <= stable.p95 * 1.5 and error_rate <= stable.error_rate + 1%"
    asked = {"baseline": True, "success": condition}
    it.look(**asked)
    it.serve("e1", NEW, 150, failures=3, ms=60)
    it.serve("e1", OLD, 50, ms=45)
    assert it.look(**asked).detail == "50 of 100 stable requests"
    it.serve("e2", OLD, 150, failures=2, ms=45)
    reading = it.look(**asked)
    assert reading.detail == "150 requests, 2% failed, p95 70ms (stable: 200 requests, 1% failed, p95 50ms)"
    check = replace(CHECK, **asked)
    assert judge(check, reading.answers, reading.natural) == "success"


def test_what_is_slower_than_can_be_measured_is_slow() -> None:
    it = Edges()
    it.look()
    it.serve("e1", NEW, 200, ms=60_000)
    reading = it.look()
    assert reading.answers[0]["p95"] == 10.0
    assert judge(CHECK, reading.answers, reading.natural) == "failure"


def test_a_balancer_that_began_anew_is_no_good_figure() -> None:
    it = Edges()
    it.look()
    it.serve("e1", NEW, 200)
    it.edges["e1"].epoch += 1
    assert not it.look().enough
    it.serve("e1", NEW, 150)
    assert it.look().answers[0]["requests"] == 150


def test_each_step_counts_for_itself_and_without_an_edge_nothing_is_known() -> None:
    it = Edges()
    it.look()
    it.serve("e1", NEW, 200)
    assert it.look().enough
    assert not it.look(name="another").enough
    it.edges.clear()
    with pytest.raises(Unanswered, match="no edge counts"):
        it.look()
