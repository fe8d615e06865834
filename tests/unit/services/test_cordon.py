"""A host that somebody cordoned gets nothing new; what runs there stays."""

from __future__ import annotations

from services_world import World, web


def test_nothing_new_starts_on_a_cordoned_host() -> None:
    world = World()
    world.bring(web())
    there = {host for _, host, _ in world.live()}
    world.records["h1"].cordoned = "ops"
    assert [h.name for h in world.seen().hosts if h.cordoned] == ["h1"]
    world.forget_calls()
    world.bring(web(replicas=7))
    assert {host for _, host, _ in world.live()} == there | {"h4"}
    assert not [call for call in world.engines["h1"].calls if call[0] == "create"]
