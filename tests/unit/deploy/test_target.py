"""Which revision a spec is, and which one to go back to, when restarts came between."""

from __future__ import annotations

from dataclasses import replace

import pytest

from orchestr8.deploy.model import Observed, Revision, ServiceSpec, Workload
from orchestr8.deploy.target import desire, go_back


def spec(number: int, generation: int = 0) -> ServiceSpec:
    return ServiceSpec("web", Workload("app", f"app@sha256:{number}", generation=generation))


def history(*specs: ServiceSpec) -> Observed:
    records = [Revision("web", n, s, "good") for n, s in enumerate(specs, 1)]
    return Observed(revisions={"web": tuple(records)})


def test_a_restart_is_not_undone_by_the_next_run() -> None:
    seen = history(spec(1), spec(1, generation=1))
    assert desire("shop", spec(1), seen).revision == 2
    newer = desire("shop", spec(2), seen)
    assert (newer.revision, newer.spec.workload.generation) == (3, 1)


def test_a_restart_that_waits_for_approval_is_gone_on_with_by_the_next_run() -> None:
    seen = history(spec(1))
    restarting = Revision("web", 2, spec(1, generation=1), "pending")
    seen = Observed(revisions={"web": (*seen.history("web"), restarting)})
    assert desire("shop", spec(1), seen).revision == 2
    called_off = replace(restarting, outcome="bad")
    assert (
        desire("shop", spec(1), Observed(revisions={"web": (seen.history("web")[0], called_off)})).revision
        == 1
    )


def test_going_back_again_goes_further_back() -> None:
    records = list(history(spec(1), spec(2), spec(3)).history("web"))
    for number, goal in ((4, 2), (5, 1)):
        desired = go_back("shop", "web", Observed(revisions={"web": tuple(records)}))
        assert (desired.revision, desired.rollback_of) == (number, goal)
        records.append(Revision("web", number, desired.spec, "good", rollback_of=desired.rollback_of))
    with pytest.raises(LookupError):
        go_back("shop", "web", Observed(revisions={"web": tuple(records)}))
    records.append(Revision("web", 6, spec(4), "good"))
    desired = go_back("shop", "web", Observed(revisions={"web": tuple(records)}))
    assert (desired.revision, desired.rollback_of) == (7, 5)
    records.append(Revision("web", 7, desired.spec, "good", rollback_of=5))
    with pytest.raises(LookupError):
        go_back("shop", "web", Observed(revisions={"web": tuple(records[2:])}))


def test_going_back_passes_over_restarts() -> None:
    seen = history(spec(1), spec(2), spec(2, generation=1), spec(2, generation=2))
    desired = go_back("shop", "web", seen)
    assert (desired.revision, desired.rollback_of) == (5, 1)
    with pytest.raises(LookupError, match="no earlier good revision; those before are the same"):
        go_back("shop", "web", history(spec(2), spec(2, generation=1)))
    with pytest.raises(LookupError):
        go_back("shop", "web", history(spec(1), spec(1, generation=1)))


def test_a_restart_needs_new_containers() -> None:
    old, new = spec(1).workload, spec(1, generation=1).workload
    assert old.spec_hash != new.spec_hash
    assert replace(new, generation=0).spec_hash == old.spec_hash
