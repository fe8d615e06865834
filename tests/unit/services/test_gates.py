"""Checks and tasks between the steps of a rollout, with hosts and figures in memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from orchestr8.core.errors import Diagnostic, HostFailed
from orchestr8.core.event import RolloutEvent, Warned
from orchestr8.deploy.gate.check import Check
from orchestr8.deploy.model import Amount, Readiness, ServiceSpec, Step, Update, Workload
from orchestr8.deploy.workload import PortBinding
from orchestr8.engine.services.converge import Ended
from orchestr8.engine.services.gate_port import Ask, Question, Reading, Unanswered
from orchestr8.engine.services.ports import Answer, Target
from tests.unit.services.services_world import Killed, World

SCALE = Step("scale", Amount(1))
QUERY = Check(
    "prometheus", "http://prometheus:9090", query="errors", origin="controller", failure="result > 1", count=3
)


def figures(*numbers: float | None) -> Ask:
    """Answer queries by these numbers in turn, the last one for ever; None: nobody answers."""
    left = list(numbers)

    def ask(question: Question) -> Reading:
        number = left.pop(0) if len(left) > 1 else left[0]
        if number is None:
            raise Unanswered(Diagnostic("O8-3361", "no answer"))
        return Reading(({"result": number},), (False,), f"result {number:g}")

    return ask


def gated(tag: str, *steps: Step, policy: Any = "rollback", **more: Any) -> ServiceSpec:
    update = Update("canary", min_healthy_time=0.0, on_failure=policy, steps=(SCALE, *steps))
    return ServiceSpec("web", Workload(tag, **more), replicas=3, update=update)


def bring(world: World, *steps: Step, policy: Any = "rollback") -> Ended:
    if not world.live():
        world.bring(gated("app:v1"))
    return world.bring(gated("app:v2", *steps, policy=policy))


def revisions(world: World) -> list[int]:
    return sorted(revision for _, _, revision in world.live())


def check(*checks: Check) -> Step:
    return Step("check", checks=checks)


def test_good_figures_let_the_rollout_go_on_and_are_told() -> None:
    world = World()
    world.asks = {"prometheus": figures(0.2, 0.3, 0.4)}
    assert bring(world, check(QUERY)).verdicts["web"].end == "converged"
    told = [e.message for e in world.events.seen if isinstance(e, RolloutEvent) and e.kind == "gate"]
    assert told[-1] == "prometheus http://prometheus:9090: 3 of 3 samples good; result 0.4"
    assert revisions(world) == [2, 2, 2]


def test_bad_figures_bring_the_old_revision_back_though_one_sample_was_good() -> None:
    world = World()
    world.asks = {"prometheus": figures(0.2, 7.0)}
    verdict = bring(world, check(QUERY)).verdicts["web"]
    assert verdict.end == "rolled_back"
    assert verdict.reason.endswith("1 of 2 samples good, 1 bad; result 7")
    assert revisions(world) == [1, 1, 1]


def test_bad_figures_leave_everything_as_it_is_where_that_is_wanted() -> None:
    world = World()
    world.asks = {"prometheus": figures(7.0)}
    assert bring(world, check(QUERY), policy="pause").verdicts["web"].end == "paused"
    assert revisions(world) == [1, 1, 1, 2]


def test_without_an_answer_nobody_goes_on_or_back_and_the_record_says_why() -> None:
    world = World()
    world.asks = {"prometheus": figures(None)}
    verdict = bring(world, check(QUERY)).verdicts["web"]
    assert (verdict.end, revisions(world)) == ("paused", [1, 1, 1, 2])
    record = world.seen().history("web")[-1]
    assert record.stage.waiting.startswith("a decision: prometheus http://prometheus:9090: 0 of 1 samples")
    assert record.stage.gates[0].verdict == "inconclusive"


def test_an_answer_that_is_missing_now_and_then_may_be_tolerated() -> None:
    world = World()
    world.asks = {"prometheus": figures(0.1, None, 0.1)}
    patient = Check(**{**_fields(QUERY), "inconclusive_limit": 1})
    assert bring(world, check(patient)).verdicts["web"].end == "converged"


def _fields(check: Check) -> dict[str, Any]:
    return {name: getattr(check, name) for name in check.__dataclass_fields__}


def test_too_little_measured_is_no_sample_and_is_waited_for_until_the_deadline() -> None:
    world = World()
    readings = [Reading(detail="12 of 100 requests", enough=False)] * 4
    good = Reading(({"result": 0.0},), (False,), "result 0")
    world.asks = {"prometheus": lambda q: readings.pop() if readings else good}
    assert bring(world, check(QUERY)).verdicts["web"].end == "converged"
    other = World()
    other.asks = {"prometheus": lambda q: Reading(detail="12 of 100 requests", enough=False)}
    verdict = bring(other, check(QUERY)).verdicts["web"]
    assert verdict.end == "paused"
    assert "not decided in time: 12 of 100 requests" in verdict.reason


def test_every_new_replica_is_asked_from_its_host_and_no_old_one() -> None:
    asked: list[Target] = []
    world = World()

    def probe(targets: Sequence[Target]) -> list[Answer]:
        asked.extend(targets)
        return [Answer(True, "HTTP 200", 200, "it works", 0.1) for _ in targets]

    world.probe = probe
    ask = Check("http", "/deep", success="'works' in body and seconds < 200ms", port=8080)
    world.bring(gated("app:v1"))
    spec = gated("app:v2", Step("scale", Amount(2)), check(ask), network_mode="host")
    assert world.bring(spec).verdicts["web"].end == "converged"
    assert [(t.path, t.port) for t in asked] == [("/deep", 8080)] * 2
    assert {(t.address, t.shown) for t in asked} == {("127.0.0.1", 16384)}


def test_a_command_in_the_containers_decides_by_its_exit_code_or_by_what_it_says() -> None:
    world = World()
    commands: list[Sequence[str]] = []

    def run(name: str, command: Sequence[str], timeout: float) -> tuple[int, str]:
        commands.append(command)
        return 0, "queue:\n17\n"

    for engine in world.engines.values():
        engine.execute = run  # type: ignore[method-assign]
    ask = Check("exec", command=("queue", "length"), origin="container", success="result < 20")
    assert bring(world, check(ask)).verdicts["web"].end == "converged"
    ask = Check("exec", command=("queue", "length"), origin="container", success="result < 10")
    verdict = world.bring(gated("app:v3", check(ask))).verdicts["web"]
    assert verdict.reason == "exec queue length: 0 of 1 samples good, 1 bad; exit code 0: queue: 17"


class Tasks:
    """Remembers which tasks ran; they fail, or the controller dies, as often as told."""

    def __init__(self, fail: Callable[[], None] = lambda: None) -> None:
        self.ran: list[str] = []
        self.fail = fail

    def __call__(self, service: str, name: str) -> None:
        self.ran.append(name)
        self.fail()


RUN = Step("run", name="tasks of step 2")


def test_tasks_between_steps_run_once_at_their_step() -> None:
    world = World()
    world.hook = tasks = Tasks()
    pause = Step("pause")
    assert bring(world, RUN, pause).verdicts["web"].end == "paused"
    assert tasks.ran == ["pre_deploy", "post_deploy", "pre_deploy", "tasks of step 2"]
    assert bring(world, RUN, pause).verdicts["web"].end == "paused"
    assert tasks.ran.count("tasks of step 2") == 1


def test_tasks_that_fail_undo_the_rollout() -> None:
    def fail() -> None:
        if world.hook.ran[-1] == "tasks of step 2":  # type: ignore[attr-defined]
            raise HostFailed(Diagnostic("O8-3209", "tasks of step 2 failed on h1"))

    world = World()
    world.hook = Tasks(fail)
    verdict = bring(world, RUN).verdicts["web"]
    assert (verdict.end, verdict.reason) == ("rolled_back", "tasks of step 2 failed on h1")
    assert revisions(world) == [1, 1, 1]


def test_a_controller_that_died_within_tasks_runs_them_again_and_says_so() -> None:
    def die() -> None:
        if world.hook.ran == ["pre_deploy", "post_deploy", "pre_deploy", "tasks of step 2"]:  # type: ignore[attr-defined]
            raise Killed

    world = World()
    world.hook = tasks = Tasks(die)
    with pytest.raises(Killed):
        bring(world, RUN)
    assert bring(world, RUN).verdicts["web"].end == "converged"
    assert tasks.ran.count("tasks of step 2") == 2
    warned = [e.diagnostic.message for e in world.events.seen if isinstance(e, Warned)]
    assert warned == ["tasks of step 2 of `web` may have run before: a run was cut off there"]


def test_without_the_playbook_a_rollout_waits_at_its_tasks_and_nobody_passes_over_them() -> None:
    world = World()
    verdict = bring(world, RUN).verdicts["web"]
    assert verdict.end == "paused"
    assert "tasks of step 2 can only be run with the playbook" in verdict.reason
    world.hook = tasks = Tasks()
    assert bring(world, RUN).verdicts["web"].end == "converged"
    assert "tasks of step 2" in tasks.ran


def test_a_service_needs_a_port_that_can_be_asked() -> None:
    world = World()
    ask = Check("http", "/", timeout=1.0)
    verdict = bring(world, check(ask)).verdicts["web"]
    assert "has no address to ask" in verdict.reason
    spec = gated("app:v4", check(ask), ports=(PortBinding(80),))
    assert spec.readiness == Readiness("running")
