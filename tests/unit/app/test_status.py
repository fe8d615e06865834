"""What the status says of containers."""

from __future__ import annotations

from orchestr8.deploy.conditions import revision_of
from orchestr8.deploy.model import Replica, Revision, ServiceSpec, Workload

SPEC = ServiceSpec("web", Workload("app:v1", "app@sha256:1"))
OTHER = ServiceSpec("web", Workload("app:v2", "app@sha256:2"))


def record(number: int, spec: ServiceSpec, outcome: str = "good") -> Revision:
    return Revision("web", number, spec, outcome)  # type: ignore[arg-type]


def running(spec: ServiceSpec, revision: int) -> Replica:
    return Replica("1", "p-web-1", "web", 1, revision, spec.workload.spec_hash, "h1", "running")


def test_a_container_is_of_the_newest_revision_that_it_fits() -> None:
    history = [record(1, SPEC), record(2, OTHER), record(3, SPEC), record(4, SPEC, "bad")]
    assert revision_of(running(SPEC, 1), history) == 3
    assert revision_of(running(OTHER, 2), history) == 2


def test_a_container_without_a_record_is_what_it_says() -> None:
    assert revision_of(running(OTHER, 9), [record(1, SPEC)]) == 9
