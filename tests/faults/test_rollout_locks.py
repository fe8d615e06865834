"""Controllers that meet, sleep or die in the middle of rollouts on real hosts."""

from __future__ import annotations

import json
import os
import re
import signal
import time
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.fleet
CHANGES = {"create", "start", "kill", "stop", "die", "destroy", "rename", "update"}


def home(stage: Any, name: str) -> Path:
    """Return another machine's home."""
    path = stage.folder / name
    path.mkdir(exist_ok=True)
    return Path(path)


def begin(stage: Any, version: str, at: str, *words: str, **more: Any) -> Any:
    """Start a run of a version from a machine of its own."""
    site = home(stage, at) / "site.yml"
    site.write_text(stage.web(version, **more).read_text())
    return stage.start("run", str(site), "-i", str(stage.inventory()), *words, home=home(stage, at))


def ended(process: Any) -> tuple[int, str]:
    out, _ = process.communicate(timeout=180)
    return process.returncode, out


def wait_for_change(stage: Any, mark: str, action: str) -> None:
    deadline = time.monotonic() + 60
    while not [e for e in stage.events(mark) if e[2] == action]:
        assert time.monotonic() < deadline
        time.sleep(0.1)


def converged(stage: Any, version: str) -> None:
    """Say that three replicas of a version run, nothing is doubled, and no record is lost or left open."""
    found = stage.containers()
    live = [c for c in found if c["State"]["Running"]]
    assert sorted(c["Config"]["Labels"]["o8.slot"] for c in live) == ["1", "2", "3"]
    assert not [c["Name"] for c in found if c["State"]["Status"] == "created"]
    records = json.loads(stage.verb("history", "web", "--json").out)["revisions"]
    assert records[0]["image"] == stage.fleet.image(version)
    assert {c["Config"]["Image"] for c in live} == {records[0]["pinned"]}
    assert [r["revision"] for r in records] == list(range(len(records), 0, -1))
    assert records[0]["outcome"] == "good", records[0]
    assert json.loads(stage.verb("lock", "list", "--json").out)["locks"] == []


def acquire(stage: Any) -> tuple[str, ...]:
    return ("lock", "acquire", "--for", "10m", "--reason", "new disks", "--project", stage.project)


def test_of_controllers_that_begin_together_one_gets_the_lock_and_the_others_learn_who(stage: Any) -> None:
    words = (*acquire(stage), "-i", str(stage.inventory()))
    many = [ended(p) for p in [stage.start(*words, home=home(stage, str(n))) for n in range(4)]]
    assert sorted(code for code, _ in many) == [0, 30, 30, 30], many
    refused = next(out for code, out in many if code == 30)
    assert re.search(r"the lock is held on h\d by \S+@\S+, who has been changing", refused), refused


def test_a_lock_keeps_runs_away_until_it_is_released(stage: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONUNBUFFERED", "1")
    assert stage.verb(*acquire(stage)).rc == 0
    stage.web("v1")
    ran = stage.run()
    assert ran.rc == 30, ran.out
    assert "(new disks)" in ran.out
    assert "--lock-wait" in ran.out
    assert stage.live() == []
    assert "h1,h2,h3,h4" in stage.verb("lock", "list").out
    waiting = begin(stage, "v1", "waiting", "--lock-wait", "150s")
    stage.wait_for(waiting, "waiting for")
    run = json.loads(stage.verb("lock", "list", "--json").out)["locks"][0]["run"]
    assert stage.verb("lock", "release", "01NOBODY").rc == 1
    assert stage.verb("lock", "release", run).rc == 0
    code, out = ended(waiting)
    assert code == 0, out
    converged(stage, "v1")


def test_wishes_for_a_rollout_that_somebody_else_carries_out_are_refused_with_their_name(
    stage: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever waits for the lock decides by what the hosts then say."""
    monkeypatch.setenv("PYTHONUNBUFFERED", "1")
    update = {"strategy": "canary", "steps": [{"scale": 1}, {"pause": "10m"}, {"scale": "100%"}]}
    stage.deploy(update=update)
    other = begin(stage, "v2", "other", "--plain", update=update)
    stage.wait_for(other, "healthy h")
    wishes = ("pause", "promote", "resume", "abort", "rollback", "restart")
    inventory = ("-y", "-i", str(stage.inventory()))
    asked = {w: stage.start(w, "web", *inventory, home=home(stage, w)) for w in wishes}
    for wish, process in asked.items():
        code, out = ended(process)
        assert code == 30, (wish, out)
        assert re.search(r"the lock is held on h\d by \S+@\S+, who has been changing", out), (wish, out)
    waiting = stage.start("abort", "web", "--lock-wait", "150s", *inventory, home=home(stage, "waiting"))
    stage.wait_for(waiting, "waiting for")
    stage.interrupt(other)
    assert ended(other)[0] == 130
    code, out = ended(waiting)
    assert code == 0, out
    assert {c["Config"]["Labels"]["o8.revision"] for c in stage.live()} == {"1"}


def test_a_controller_that_slept_past_its_lease_changes_nothing_any_more(
    stage: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.deploy("v1")
    mark = stage.mark()
    monkeypatch.setenv("ORCHESTR8_LOCK_LEASE", "4s")
    sleeper = begin(stage, "v2", "sleeper", update={"min_healthy_time": "1s"})
    monkeypatch.delenv("ORCHESTR8_LOCK_LEASE")
    wait_for_change(stage, mark, "start")
    os.kill(sleeper.pid, signal.SIGSTOP)
    try:
        code, out = ended(begin(stage, "v1", "other", "--lock-wait", "150s", environment={"A": "1"}))
        assert code == 0, out
        converged(stage, "v1")
        mark = stage.mark()
    finally:
        os.kill(sleeper.pid, signal.SIGCONT)
    code, out = ended(sleeper)
    assert code == 30, out
    assert [e for e in stage.events(mark) if e[2] in CHANGES] == []
    converged(stage, "v1")


@pytest.mark.parametrize(
    ("strategy", "moment"),
    [
        ("recreate", "stop.after:2"),
        ("blue_green", "start.after:2"),
    ],
)
def test_a_controller_killed_in_a_rollout_is_followed_by_one_that_converges(
    stage: Any, monkeypatch: pytest.MonkeyPatch, strategy: str, moment: str
) -> None:
    update = {"strategy": strategy}
    stage.deploy("v1", update=update)
    monkeypatch.setenv("O8_FAILPOINT", moment)
    code, out = ended(begin(stage, "v2", "dying", update=update))
    assert code == -signal.SIGKILL, out
    monkeypatch.delenv("O8_FAILPOINT")
    code, out = ended(begin(stage, "v2", "next", update=update))
    assert code == 0, out
    converged(stage, "v2")


def test_what_a_killed_controller_left_is_gone_on_with_from_elsewhere(
    stage: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No playbook is needed: the records on the hosts say what was meant."""
    stage.deploy("v1")
    elsewhere = home(stage, "elsewhere")
    monkeypatch.setenv("O8_FAILPOINT", "start.after:2")
    assert ended(begin(stage, "v2", "dying"))[0] == -signal.SIGKILL
    monkeypatch.delenv("O8_FAILPOINT")
    ran = stage.verb("resume", "web", "-y", home=elsewhere)
    assert ran.rc == 0, ran.out
    converged(stage, "v2")
    monkeypatch.setenv("O8_FAILPOINT", "start.after:2")
    assert stage.verb("rollback", "web", "-y").rc == -signal.SIGKILL
    monkeypatch.delenv("O8_FAILPOINT")
    ran = stage.verb("rollback", "web", "-y", home=elsewhere)
    assert ran.rc == 0, ran.out
    converged(stage, "v1")
