"""A look at the balancers of edges: what they show, and how often they are asked."""

from __future__ import annotations

from collections.abc import Mapping

from orchestr8.core.errors import Diagnostic
from orchestr8.deploy.ingress import EdgeSight, Ingress
from orchestr8.deploy.model import ServiceSpec, Workload
from orchestr8.deploy.traffic import Member
from orchestr8.engine.services.roads import Roads
from orchestr8.engine.services.traffic import TrafficError
from orchestr8.traffic.memory import MemoryEdge

SPECS = {
    name: ServiceSpec(name, Workload("app"), ingress=Ingress("lb", 80, host=f"{name}.example"))
    for name in ("api", "shop", "web")
}


class Counting(MemoryEdge):
    """Counts how often it is asked for its routes; `down` makes it silent."""

    asked = 0
    down = False

    def routes(self) -> Mapping[str, str]:
        self.asked += 1
        if self.down:
            raise TrafficError(Diagnostic("O8-3501", "no answer\nat all"))
        return super().routes()


def shown(edge: MemoryEdge) -> dict[str, EdgeSight]:
    sights = Roads(lambda host, ingress: edge, lambda pattern: ["lb1"]).look({}, SPECS)
    return {service: sight["lb1"] for service, sight in sights.items()}


def test_a_balancer_tells_its_routes_once_for_all_services() -> None:
    edge, member = Counting(), Member("web-1-1", "10.0.0.1", 80)
    route = SPECS["web"].ingress.route("web") if SPECS["web"].ingress else None
    assert route
    edge.ensure([route], {"web": [member]})
    found = shown(edge)
    assert edge.asked == 1
    assert found["web"].route == route.digest
    assert [placed.member for placed in found["web"].members] == [member]
    assert (found["api"], found["shop"]) == (EdgeSight(), EdgeSight())


def test_one_that_is_silent_is_so_for_every_service() -> None:
    edge = Counting()
    edge.down = True
    assert {sight.error for sight in shown(edge).values()} == {"no answer"}
    assert edge.asked == 1
