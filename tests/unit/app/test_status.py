"""What the status says of containers."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from orchestr8.app.inside import _code
from orchestr8.app.services_fleet import Deployed, unseen
from orchestr8.core.errors import Diagnostic, O8Error, Unreachable
from orchestr8.deploy.conditions import revision_of
from orchestr8.deploy.model import Observed, Replica, Revision, ServiceSpec, Workload
from orchestr8.engine.services.observer import Crew

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


def test_hosts_that_could_not_be_looked_at_are_told_with_what_the_others_have() -> None:
    """Nobody may take the logs of three hosts for those of four, nor `--each` for all."""
    lost: dict[str, O8Error] = {"h4": Unreachable(Diagnostic("O8-2001", "h4: no route"))}
    rollout = SimpleNamespace(crew=Crew("shop", {}, lost))
    warning = unseen(Deployed("shop", cast("Any", rollout), Observed()))
    assert warning is not None
    assert (warning.severity, "h4 cannot be reached" in warning.message) == ("warning", True)
    rollout.crew.lost.clear()
    assert unseen(Deployed("shop", cast("Any", rollout), Observed())) is None
    assert [_code(codes, whole=False) for codes in ([0], [0, 0], [7], [0, 7])] == [4, 4, 7, 2]
    assert _code([0, 0], whole=True) == 0
