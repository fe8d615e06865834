"""Whole rollouts against engines in memory."""

from __future__ import annotations

from dataclasses import replace

import pytest
from services_world import World, web

from orchestr8.core.errors import (
    Diagnostic,
    HostFailed,
    Infeasible,
    Interrupted,
    Partial,
    RolloutFailed,
    RolloutPaused,
    Unreachable,
)
from orchestr8.deploy.model import Intent, Placement, Readiness, Update, Verdict
from orchestr8.deploy.target import go_back
from orchestr8.engine.services.converge import Ended
from orchestr8.engine.services.ports import EngineError
from orchestr8.engine.services.verdicts import require_good


def test_a_first_rollout_spreads_and_records_and_the_second_changes_nothing() -> None:
    world = World()
    assert world.bring(web()).verdicts["web"].end == "converged"
    assert sorted({host for _, host, _ in world.live()}) == sorted(host for _, host, _ in world.live())
    assert sum(bool(r.kept) for r in world.records.values()) >= 2
    world.forget_calls()
    assert world.bring(web()).touched == {}
    assert world.changes() == []
    assert world.events.kinds()[-1] == "unchanged"


def test_a_new_version_replaces_one_after_the_other() -> None:
    world = World()
    world.bring(web())
    world.forget_calls()
    assert world.bring(web("app:v2")).verdicts["web"].end == "converged"
    assert {revision for _, _, revision in world.live()} == {2}
    assert world.events.kinds().count("healthy") == 3


def test_a_version_that_crashes_touches_one_slot_and_goes_back() -> None:
    world = World()
    world.bring(web())
    before = world.live()
    for engine in world.engines.values():
        engine.crashing.add(world.registry.tags["app:v2"])
    ended = world.bring(web("app:v2"))
    assert ended.verdicts["web"].end == "rolled_back"
    assert world.live() == before
    assert any("exit code 1" in line for line in ended.reports["web"])
    with pytest.raises(RolloutFailed) as caught:
        require_good(ended, {})
    assert caught.value.exit_code == 20


def test_what_is_never_ready_is_rolled_back_with_what_it_answered() -> None:
    world = World()
    rule = Readiness("http", port=8080)
    world.bring(web(readiness=rule))
    assert world.live() == []
    ended = world.bring(web("app:v2", readiness=rule))
    assert ended.verdicts["web"].end == "removed"


def test_pulls_that_fail_stop_nothing() -> None:
    world = World()
    world.bring(web())
    before = world.live()
    world.forget_calls()
    world.registry.tags["app:v9"] = "app@sha256:" + "9" * 64
    rollout = world.rollout()
    observed = rollout.observe()
    spec = rollout.resolved(web("app:v9"), world.names)
    world.registry.down = True
    from orchestr8.deploy.target import desire

    ended = rollout.carry_out([desire("shop", spec, observed)], observed)
    assert ended.verdicts["web"].end == "failed"
    assert world.live() == before
    assert world.changes() == []
    with pytest.raises(HostFailed):
        require_good(ended, {})


def test_a_registry_that_is_down_is_no_hindrance_for_an_image_that_is_there() -> None:
    world = World()
    world.bring(web())
    for engine in world.engines.values():
        engine.images["app:v1"] = world.registry.tags["app:v1"]
    world.registry.down = True
    assert world.bring(web()).verdicts["web"].end == "converged"


def test_an_image_that_nobody_has_names_the_reason() -> None:
    world = World()
    with pytest.raises(HostFailed, match=r"touched: h1, h2, h3, h4: .*no such image"):
        world.bring(web("app:nix"))


def test_an_engine_that_is_down_leaves_everything_as_it_is() -> None:
    world = World()
    world.bring(web())
    world.forget_calls()
    world.engines["h2"].down = True
    ended = world.bring(web("app:v2"))
    assert ended.verdicts["web"].end == "unreachable"
    assert world.changes() == []
    error = EngineError(Diagnostic("O8-3101", "h2: down"))
    with pytest.raises(HostFailed):
        require_good(ended, {"h2": error})
    with pytest.raises(Unreachable):
        require_good(ended, {"h2": Unreachable(Diagnostic("O8-2001", "h2: gone"))})


def test_hosts_may_be_skipped_and_are_told_of() -> None:
    world = World()
    skip = Placement(on_unreachable="skip")
    world.bring(web(replicas=4, placement=skip))
    world.engines["h2"].down = True
    ended = world.bring(web("app:v2", replicas=4, placement=skip))
    assert ended.verdicts["web"].skipped == ("h2",)
    with pytest.raises(Partial):
        require_good(ended, {})
    world.engines["h2"].down = False
    world.bring(web("app:v2", replicas=4, placement=skip))
    assert {revision for _, _, revision in world.live()} == {2}


def test_an_interrupted_rollout_says_so() -> None:
    ended = Ended({"web": Verdict("progressing")}, interrupted=True)
    with pytest.raises(Interrupted):
        require_good(ended, {})
    require_good(Ended({"web": Verdict("converged")}), {})
    with pytest.raises(Infeasible):
        require_good(Ended({"web": Verdict("infeasible", "no room")}), {})


def test_stopping_at_once_changes_nothing() -> None:
    world = World()
    world.bring(web())
    world.forget_calls()
    world.stop = True
    assert world.bring(web("app:v2")).interrupted
    assert world.changes() == []


def test_going_back_starts_what_was_kept() -> None:
    world = World()
    world.bring(web())
    old = world.live()
    world.bring(web("app:v2"))
    world.forget_calls()
    world.registry.down = True
    rollout = world.rollout()
    observed = rollout.observe()
    desired = go_back("shop", "web", observed)
    ended = rollout.carry_out([desired], observed)
    assert ended.verdicts["web"].end == "converged"
    assert world.live() == old
    assert not [c for c in world.changes() if c[0] == "create"]
    assert [r.outcome for r in world.seen().history("web")] == ["good", "good", "good"]


def test_a_way_back_that_somebody_calls_off_is_gone_to_its_end() -> None:
    world = World()
    world.bring(web())
    old = world.live()
    world.bring(web("app:v2"))
    rollout = world.rollout()
    observed = rollout.observe()
    desired = replace(go_back("shop", "web", observed), intent=Intent(abort="by bob"))
    ended = rollout.carry_out([desired], observed)
    assert ended.verdicts["web"].end == "converged"
    assert world.live() == old


def test_a_damaged_or_lost_record_is_healed_and_told() -> None:
    world = World()
    world.bring(web())
    keeper = next(n for n in world.names if world.records[n].kept)
    text = world.records[keeper].kept["web", 1]
    world.records[keeper].kept["web", 1] = text.replace('"good"', '"bad"')
    world.forget_calls()
    world.bring(web())
    assert world.records[keeper].kept["web", 1] == text
    assert world.changes() == []
    assert any("damaged" in str(getattr(e, "diagnostic", "")) for e in world.events.seen)


def test_records_that_nobody_takes_stop_the_rollout_before_it_begins() -> None:
    world = World()
    world.bring(web())
    world.forget_calls()
    refusal = HostFailed(Diagnostic("O8-3307", "denied"))

    def refuse(*_: object) -> None:
        raise refusal

    for records in world.records.values():
        records.write = refuse  # type: ignore[method-assign]
    with pytest.raises(HostFailed, match="cannot be recorded"):
        world.bring(web("app:v2"))
    assert world.changes() == []


def test_limits_change_without_a_new_container() -> None:
    world = World()
    world.bring(web())
    world.forget_calls()
    spec = web()
    limited = replace(spec.workload.limits, memory=1 << 28)
    world.bring(replace(spec, workload=replace(spec.workload, limits=limited)))
    assert {kind for kind, _ in world.changes()} == {"update"}


def test_a_canary_that_waits_is_told_as_paused_with_how_to_go_on() -> None:
    world = World()
    world.bring(web())
    canary = Update(strategy="canary", min_healthy_time=1.0, healthy_deadline=30.0)
    ended = world.bring(web("app:v2", update=canary))
    assert world.events.kinds()[-1] == "paused"
    assert "failed" not in world.events.kinds()
    with pytest.raises(RolloutPaused) as told:
        require_good(ended, {})
    assert told.value.diagnostics[0].hint == "`o8 promote web` lets it go on, `o8 abort web` takes it back"
