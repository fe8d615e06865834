"""Laws of transactions: all services of one end good or none does, whatever dies and whenever."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from orchestr8.deploy import project, transaction
from orchestr8.deploy.model import (
    Amount,
    Dependency,
    HostFacts,
    Intent,
    Readiness,
    Restart,
    ServiceSpec,
    Update,
    Workload,
)
from orchestr8.deploy.planner import plan
from orchestr8.deploy.rollout import job
from orchestr8.deploy.target import desire
from orchestr8.deploy.workload import Limits
from tests.laws.play_world import Killed, PlayDriver, PlayWorld
from tests.laws.rollout_world import Fault
from tests.laws.test_rollout_mutants import sown
from tests.laws.walking import CHUNKS, hold, noticed

NAMES = ("api", "web", "zoo")
FAULTS = ("crash", "crash", "crash", "lost", "refused")


def service(name: str, version: int, kind: str = "good", **update: Any) -> ServiceSpec:
    given = {"min_healthy_time": 1.0, "healthy_deadline": 9.0, "progress_deadline": 30.0, **update}
    needs = (Dependency("api"),) if name == "web" else ()
    work = Workload(name, pinned=f"{name}@{version}-{kind}")
    return ServiceSpec(
        name,
        work,
        replicas=2,
        readiness=Readiness("http", port=80),
        update=Update(**given),
        depends_on=needs,
        transaction="shop",
    )


def migrate(version: int, kind: str = "good") -> ServiceSpec:
    work = Workload("app", pinned=f"app@{version}-{kind}", limits=Limits(restart=Restart("no")))
    update = Update(progress_deadline=20.0)
    return ServiceSpec("migrate", work, "job", update=update, transaction="shop")


def after_it(spec: ServiceSpec) -> ServiceSpec:
    need = Dependency("migrate", "service_completed_successfully")
    return replace(spec, depends_on=(*spec.depends_on, need))


def world() -> PlayWorld:
    return PlayWorld([HostFacts(f"h{n}", cpus=4, memory=8 << 30) for n in range(1, 5)], {"migrate"})


def drive(
    where: PlayWorld, specs: Sequence[ServiceSpec], faults: tuple[Fault, ...] = (), seed: int = 0
) -> dict[str, str]:
    ended = PlayDriver(where, specs, faults, seed).run()
    return {name: decision.verdict.end for name, decision in ended.decisions.items()}


def versions(where: PlayWorld, name: str) -> set[str]:
    return {where.images[r.id].partition("@")[2] for r in where.live(name)}


def outcomes(where: PlayWorld, version: int) -> Counter[str]:
    """How the records ended that were made for a version."""
    found = (r for records in where.records.values() for r in records.values())
    return Counter(r.outcome for r in found if f"@{version}-" in r.spec.workload.pinned)


def life(seed: int) -> None:
    chance = random.Random(seed)
    where = world()
    first = [service(name, 1) for name in NAMES]
    assert set(drive(where, first).values()) == {"converged"}
    assert plan([desire("p", s, where.observe()) for s in first], where.observe()).empty
    bad = chance.choice([*NAMES, None])
    changed = [n for n in NAMES if n == bad or chance.random() < 0.7] or ["api"]
    kinds = {n: chance.choice(["crash", "deaf"]) if n == bad else "good" for n in NAMES}
    surge = Amount(chance.choice([1, 2]))
    second = [
        service(n, 2 if n in changed else 1, kinds[n] if n in changed else "good", max_surge=surge)
        for n in NAMES
    ]
    faults = tuple(Fault(chance.randint(0, 25), chance.choice(FAULTS)) for _ in range(chance.randint(0, 4)))
    ends = drive(where, second, faults, seed)
    if bad is None:
        assert set(ends.values()) == {"converged"}, ends
        assert outcomes(where, 2) == {"good": len(changed)}
        assert all(versions(where, n) == {f"{2 if n in changed else 1}-good"} for n in NAMES)
    else:
        assert not outcomes(where, 2)["good"], outcomes(where, 2)
        assert ends[bad] == "rolled_back", ends
        assert all(versions(where, n) == {"1-good"} for n in NAMES), ends
        assert all(where.healthy(r) for n in NAMES for r in where.live(n))


def killed_while_it_is_called_good(seed: int) -> None:
    """Kill the controller between the records that call services good; then sicken replicas of the others."""
    chance = random.Random(seed)
    where = world()
    drive(where, [service(n, 1) for n in NAMES])
    second = [service(n, 2) for n in NAMES]
    with pytest.raises(Killed):
        PlayDriver(where, second, seed=seed, goods=chance.randint(1, 2)).run()
    late = [r for n, records in where.records.items() for r in records.values() if r.outcome == "pending"]
    for record in late:
        victim = where.live(record.service)[0]
        where.sick.add(victim.id)
        where.replicas[victim.host, victim.name] = replace(victim, ready=False, ready_since=None)
    assert set(drive(where, second).values()) == {"converged"}
    assert outcomes(where, 2) == {"good": 3}
    assert all(versions(where, n) == {"2-good"} for n in NAMES)


def paused(seed: int) -> None:
    """Let one wait for approval: all wait; when it is called off all go back, when promoted all go on."""
    del seed
    where = world()
    drive(where, [service(n, 1) for n in NAMES])
    second = [service(n, 2, strategy="canary" if n == "zoo" else "rolling") for n in NAMES]
    driver = PlayDriver(where, second)
    ended = driver.run()
    assert {d.verdict.end for d in ended.decisions.values()} == {"paused"}, ended
    assert ended.decisions["web"].verdict.reason == "waits for `zoo` of its transaction"
    assert not outcomes(where, 2)["good"]
    called_off = PlayDriver(where, second, intents={"zoo": Intent(abort="no")}).run()
    assert {d.verdict.end for d in called_off.decisions.values()} == {"rolled_back"}, called_off
    drive(where, [service(n, 3, strategy="canary" if n == "zoo" else "rolling") for n in NAMES])
    third = [service(n, 3, strategy="canary" if n == "zoo" else "rolling") for n in NAMES]
    promoted = PlayDriver(where, third, intents={"zoo": Intent(full=True)}).run()
    assert {d.verdict.end for d in promoted.decisions.values()} == {"converged"}, promoted
    assert outcomes(where, 3) == {"good": 3}


def migrated(seed: int) -> None:
    """Change services with a migration that some wait for: all end well, or all is as before but for it."""
    chance = random.Random(seed)
    where, waiting = world(), {n for n in NAMES if chance.random() < 0.7}

    def play(version: int, **kinds: str) -> list[ServiceSpec]:
        made = [service(n, version, kinds.get(n, "good")) for n in NAMES]
        made = [after_it(s) if s.name in waiting else s for s in made]
        return [migrate(version, kinds.get("migrate", "good")), *made]

    assert set(drive(where, play(1)).values()) == {"converged"}
    assert plan([desire("p", s, where.observe()) for s in play(1)], where.observe()).empty
    bad = chance.choice([*NAMES, "migrate", "migrate", None])
    faults = tuple(Fault(chance.randint(0, 25), chance.choice(FAULTS)) for _ in range(chance.randint(0, 4)))
    ends = drive(where, play(2, **({bad: "crash"} if bad else {})), faults, seed)
    assert all(n == 1 for (s, _, _), n in where.begun.items() if s == "migrate")
    assert outcomes(where, 2)["good"] == (0 if bad else 4), (ends, outcomes(where, 2))
    assert all(versions(where, n) == {"1-good" if bad else "2-good"} for n in NAMES), ends
    assert set(drive(where, play(3)).values()) == {"converged"}
    assert outcomes(where, 3) == {"good": 4}


def spared(seed: int) -> None:
    """Let a service fail while a job runs that nobody waits for: it is stopped at its own deadline only."""
    where = world()
    drive(where, [migrate(1), service("api", 1)])
    ends = drive(where, [migrate(2, "endless"), service("api", 2, "deaf")], seed=seed)
    assert ends == {"migrate": "failed", "api": "rolled_back"}
    assert not where.live("migrate")
    assert versions(where, "api") == {"1-good"}
    assert outcomes(where, 2) == {"bad": 2}


def everything(seed: int) -> None:
    life(seed)
    if seed % 3 == 0:
        migrated(seed)
    if seed % 10 == 0:
        killed_while_it_is_called_good(seed)
        paused(seed)
        spared(seed)


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_all_come_to_a_good_end_or_none_does(chunk: int) -> None:
    hold(everything, chunk)


MUTANTS: dict[str, tuple[Any, str, str]] = {
    "nobody waits for the others": (transaction.binding, "bool(one.together)", "False"),
    "one that is ready is enough": (transaction.fates_of, 'all(state == "ready"', 'any(state == "ready"'),
    "a failure is nobody else's business": (transaction.fates_of, "elif fallen", "elif False"),
    "what was decided is forgotten": (transaction.decided, 'r.outcome == "good"', "False"),
    "who died after the decision goes back": (transaction.committed, "if binding(one) and good", "if False"),
    "an older transaction decides": (transaction.decided, "and r.together == one.together", ""),
    "nobody may wait for one that is prepared": (project._satisfied, "decision.prepared or", ""),
    "who waits for a pause never ends": (transaction.halted, "if waits and", "if False and"),
    "a job does not wait for the others": (job._over, "if view.bound and", "if False and"),
    "a job is stopped in the middle": (job._called_off, "not asked.spare or", "True or"),
}


@pytest.mark.parametrize("name", MUTANTS)
def test_the_laws_find_the_bug(name: str) -> None:
    thing, old, new = MUTANTS[name]
    with sown(thing, old, new):
        assert noticed(everything, range(40)), f"nobody noticed that {name}"
