"""Laws of jobs: a slot runs once a revision whatever dies, nobody overtakes it, a failure changes nothing."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from orchestr8.deploy import project
from orchestr8.deploy.model import (
    Amount,
    Dependency,
    HostFacts,
    PortBinding,
    Readiness,
    Restart,
    ServiceSpec,
    Update,
    Workload,
)
from orchestr8.deploy.planner import plan
from orchestr8.deploy.rollout import job, job_history, slots
from orchestr8.deploy.target import desire
from orchestr8.deploy.workload import Limits
from tests.laws.play_world import PlayDriver, PlayWorld
from tests.laws.rollout_world import Broken, Fault
from tests.laws.test_rollout_mutants import sown
from tests.laws.walking import CHUNKS, hold, noticed

FAULTS = ("crash", "crash", "crash", "lost", "refused", "kill")
COMPLETED = "service_completed_successfully"


def migrate(version: int, kind: str = "good", replicas: int = 1) -> ServiceSpec:
    work = Workload("app", pinned=f"app@{version}-{kind}", limits=Limits(restart=Restart("no")))
    return ServiceSpec("migrate", work, "job", replicas, update=Update(progress_deadline=20.0))


def db() -> ServiceSpec:
    work = Workload("db", pinned="db@1-good", ports=(PortBinding(5432, host_port=5432),))
    update = Update(max_surge=Amount(0), max_unavailable=Amount(1), min_healthy_time=1.0)
    return ServiceSpec("db", work, readiness=Readiness("http", port=80), update=update)


def web(version: int) -> ServiceSpec:
    needs = (Dependency("db"), Dependency("migrate", COMPLETED))  # type: ignore[arg-type]
    work = Workload("app", pinned=f"app@{version}-good")
    update = Update(min_healthy_time=1.0, healthy_deadline=12.0, progress_deadline=40.0)
    return ServiceSpec(
        "web", work, replicas=2, readiness=Readiness("http", port=80), update=update, depends_on=needs
    )


def world() -> PlayWorld:
    return PlayWorld([HostFacts(f"h{n}", cpus=4, memory=8 << 30) for n in range(1, 5)], {"migrate"})


def drive(
    where: PlayWorld, *specs: ServiceSpec, faults: tuple[Fault, ...] = (), seed: int = 0, pace: float = 1.0
) -> dict[str, str]:
    ended = PlayDriver(where, specs, faults, seed, pace).run()
    return {service: decision.verdict.end for service, decision in ended.decisions.items()}


def versions(where: PlayWorld, service: str) -> Counter[str]:
    return Counter(where.images[r.id] for r in where.serving(service))


def play(version: int, kind: str = "good", replicas: int = 1) -> tuple[ServiceSpec, ...]:
    return web(version), db(), migrate(version, kind, replicas)


def life(seed: int) -> None:
    """Go through deployments with faults; the laws are checked at every action."""
    chance = random.Random(seed)
    where, number = world(), chance.choice([1, 1, 2, 3])
    assert set(drive(where, *play(1, "good", number)).values()) == {"converged"}
    assert plan([desire("p", s, where.observe()) for s in play(1, "good", number)], where.observe()).empty
    faults = tuple(Fault(chance.randint(0, 14), chance.choice(FAULTS)) for _ in range(chance.randint(0, 4)))
    kind = chance.choice(["good", "good", "good", "crash", "endless"])
    ends = drive(where, *play(2, kind, number), faults=faults, seed=seed, pace=chance.choice([1.0, 4.0]))
    ran = {slot: n for (s, revision, slot), n in where.begun.items() if s == "migrate" and revision == 2}
    assert set(ran.values()) <= {1}, ran
    if kind == "good" and not any(f.kind == "kill" for f in faults):
        assert set(ends.values()) == {"converged"}, ends
        assert len(ran) == number
    if ends["migrate"] == "converged":
        assert versions(where, "web") == {"app@2-good": 2}
        return
    assert ends["migrate"] == ends["web"] == "failed", ends
    assert versions(where, "web") == {"app@1-good": 2}
    assert not any(r.revision == 2 for r in where.replicas.values() if r.service == "web")
    assert set(drive(where, *play(3, "good", number)).values()) == {"converged"}
    assert versions(where, "web") == {"app@3-good": 2}
    assert len([r for r in where.replicas.values() if r.service == "migrate"]) <= number + 1


def other(seed: int) -> None:
    """Change what is no work: nothing runs again; more completions run where none was."""
    del seed
    where = world()
    drive(where, migrate(1, replicas=2))
    begun = dict(where.begun)
    limited = replace(migrate(1, replicas=2).workload, limits=Limits(0.5, restart=Restart("no")))
    assert drive(where, replace(migrate(1, replicas=2), workload=limited)) == {"migrate": "converged"}
    assert dict(where.begun) == begun
    assert drive(where, migrate(1, replicas=3)) == {"migrate": "converged"}
    assert sorted(slot for _, _, slot in where.begun) == [1, 2, 3]
    again = replace(migrate(1).workload, generation=1)
    assert drive(where, replace(migrate(1), workload=again)) == {"migrate": "converged"}
    assert sum(where.begun.values()) == 4


def deadline(seed: int) -> None:
    """Give a job that never ends up in time, and let a superseded one come to its end."""
    where = world()
    driver = PlayDriver(where, [migrate(1, "endless")], seed=seed)
    assert driver.run().decisions["migrate"].verdict.reason.endswith("did not end within 20s")
    assert 20 <= where.now < 26
    half_way(where, migrate(2, replicas=2), 4)
    where.delay = 9.0
    first = min(where.live("migrate"), key=lambda r: r.slot)
    where.replicas[first.host, first.name] = replace(first, state="exited", exit_code=0)
    assert drive(where, migrate(3, replicas=2)) == {"migrate": "converged"}


def half_way(where: PlayWorld, spec: ServiceSpec, rounds: int) -> None:
    with pytest.raises(Broken, match="never ends"):
        PlayDriver(where, [spec]).run(rounds)


def resumed(seed: int) -> None:
    """Kill the controller and tidy up behind it: what has completed stays completed."""
    del seed
    where = world()
    half_way(where, migrate(1, replicas=2), 6)
    for key, replica in list(where.replicas.items()):
        if replica.slot == 1:
            del where.replicas[key]
    assert drive(where, migrate(1, replicas=2)) == {"migrate": "converged"}
    assert list(where.begun.values()) == [1, 1]


def everything(seed: int) -> None:
    life(seed)
    if seed % 10 == 0:
        other(seed)
        deadline(seed)
        resumed(seed)


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_a_job_runs_once_a_revision_and_before_all_who_wait_for_it(chunk: int) -> None:
    hold(everything, chunk)


def test_a_slot_whose_host_is_lost_is_never_begun_elsewhere() -> None:
    where = world()
    spec = replace(migrate(1), placement=replace(migrate(1).placement, on_unreachable="skip"))
    half_way(where, spec, 4)
    host = next(r.host for r in where.live("migrate"))
    where.hosts[host] = replace(where.hosts[host], reachable=False, error="gone")
    lost = PlayDriver(where, [spec]).run().decisions["migrate"].verdict
    assert (lost.end, lost.reason) == ("failed", f"whether it has run on {host} is not known: no answer")
    where.hosts[host] = replace(where.hosts[host], reachable=True, error="")
    where.tick(5.0)
    assert drive(where, spec) == {"migrate": "converged"}
    assert list(where.begun.values()) == [1]


def test_a_scheduled_job_is_never_started_and_has_one_timer_a_slot_whatever_dies() -> None:
    for seed in range(40):
        chance, where = random.Random(seed), world()
        for number in (1, 2):
            spec = replace(migrate(number, replicas=2), schedule=chance.choice(["daily", "hourly"]))
            faults = tuple(Fault(chance.randint(0, 6), chance.choice(FAULTS[:5])) for _ in range(3))
            assert drive(where, spec, faults=faults, seed=seed) == {"migrate": "converged"}
            timers = [(h.name, t) for h in where.hosts.values() for t in h.timers]
            assert sorted(t.slot for _, t in timers) == [1, 2]
            assert {t.schedule for _, t in timers} == {spec.schedule}
            started = {where.images[where.replicas[host, t.container].id] for host, t in timers}
            assert started == {spec.workload.pinned}
            assert len(where.replicas) == 2
            assert plan([desire("p", spec, where.observe())], where.observe()).empty
        assert drive(where, migrate(3)) == {"migrate": "converged"}
        assert not any(h.timers for h in where.hosts.values())
        assert sum(where.begun.values()) == 1


MUTANTS: dict[str, tuple[Any, str, str]] = {
    "what has run is started again": (job.looked, "journal.completed | well", "journal.completed"),
    "an exit code means nothing": (job.looked, "r.exit_code != 0", "False"),
    "who waits does not wait": (project._satisfied, 'decision.verdict.end == "converged"', "True"),
    "what was completed is forgotten": (job_history.began, "places.update(before.placements)", "pass"),
    "the record does not know who has completed": (job._stage, "view.journal.completed", "frozenset()"),
    "a failure stops nobody": (job.advance, "if view.journal.failed:", "if False:"),
    "a failure kills those beside it": (job._failed, "if r.id in view.journal.failed", ""),
    "nothing is ever overdue": (job._overdue, "view.now >=", "1e9 <="),
    "a superseded job is overtaken": (job.advance, "if others and view.slots", "if False and view.slots"),
    "hosts are written down too late": (job._onward, "noted or starts", "starts"),
    "all slots are asked for again": (slots.outstanding, "if s not in view.journal.completed", ""),
    "it is over when nothing runs": (job._onward, "if _open(view) else", "if view.live else"),
}


@pytest.mark.parametrize("name", MUTANTS)
def test_the_laws_find_the_bug(name: str) -> None:
    thing, old, new = MUTANTS[name]
    with sown(thing, old, new):
        noticing = noticed(everything, range(60)) or noticed(_lost, range(1))
        assert noticing, f"nobody noticed that {name}"


def _lost(seed: int) -> None:
    del seed
    test_a_slot_whose_host_is_lost_is_never_begun_elsewhere()
