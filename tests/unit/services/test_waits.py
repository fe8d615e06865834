"""A rollout that waits says for what, now and then."""

from __future__ import annotations

from services_world import World, web

from orchestr8.core.event import RolloutEvent
from orchestr8.deploy.model import Readiness, Update


def waiting(world: World) -> list[str]:
    return [e.message for e in world.events.seen if isinstance(e, RolloutEvent) and e.kind == "waiting"]


def test_what_is_not_ready_is_told_with_its_last_answer_less_and_less_often() -> None:
    world = World(healthy=lambda _: False)
    update = Update(min_healthy_time=1.0, healthy_deadline=300.0)
    ended = world.bring(web(replicas=1, readiness=Readiness("http", port=8080), update=update))
    assert ended.verdicts["web"].end == "removed"
    told = waiting(world)
    assert [text.rpartition(", ")[2] for text in told] == [
        f"{time} of 5m0s" for time in ("10s", "20s", "40s", "1m20s", "2m20s", "3m20s", "4m20s")
    ]
    answer = "the container has no address to ask"
    assert all(text.startswith(f"shop-web-1-1 is not ready yet: {answer}, ") for text in told)


def test_what_is_ready_and_has_to_stay_so_is_told_as_that() -> None:
    world = World()
    update = Update(min_healthy_time=15.0, healthy_deadline=30.0)
    world.bring(web(replicas=1, update=update))
    assert waiting(world) == ["shop-web-1-1 is ready and has to stay so, 10s of 15s"]


def test_what_is_quick_is_not_told_of() -> None:
    world = World()
    world.bring(web())
    assert waiting(world) == []
