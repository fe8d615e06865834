"""S38: hosts whose clocks are off, and jump while a rollout is under way."""

from __future__ import annotations

import re

import pytest

from tests.bed.clock import skew
from tests.services_stage import Ran, Stage

UPDATE = {"strategy": "canary", "steps": [{"scale": 1}, {"pause": "1s"}, {"scale": "100%"}]}


@pytest.fixture
def adrift(stage: Stage) -> Stage:
    """A project on a host that is ahead, one that is behind, and one that is right."""
    stage.hosts = ("h1", "h2", "h3")
    skew(stage.fleet.host("h1"), "+10m")
    skew(stage.fleet.host("h2"), "-10m")
    return stage


def roll(stage: Stage, version: str, ahead: str = "+10m", behind: str = "-10m") -> Ran:
    """Bring a version; when its first container is made, the two clocks jump."""
    stage.web(version, update=UPDATE)
    process = stage.start("run", str(stage.folder / "site.yml"), "-i", str(stage.inventory()))
    seen = stage.wait_for(process, "service web: create h")
    skew(stage.fleet.host("h1"), ahead)
    skew(stage.fleet.host("h2"), behind)
    out, _ = process.communicate(timeout=120)
    return Ran(process.returncode, seen + out)


def digest(stage: Stage, version: str) -> str:
    name = stage.fleet.image(version).rpartition(":")[0]
    return f"{name}@{stage.fleet.registry.digest('app', version)}"


def test_s38_hosts_whose_clocks_are_off_and_jump_are_told_and_decide_nothing(adrift: Stage) -> None:
    first = roll(adrift, "v1")
    assert first.rc == 0, first.out
    told = re.findall(r"(h\d): its clock is .* (ahead of|behind) this machine's", first.out)
    assert told == [("h1", "ahead of"), ("h2", "behind")]
    mark = adrift.mark()
    second = roll(adrift, "v2", "-3h", "+3h")
    assert second.rc == 0, second.out
    assert adrift.versions() == [digest(adrift, "v2")] * 3
    assert min(adrift.running_over_time(mark, 3)) >= 2
    assert "unchanged" in adrift.run().out
    back = adrift.verb("rollback", "web", "--yes")
    assert back.rc == 0, back.out
    assert adrift.versions() == [digest(adrift, "v1")] * 3
