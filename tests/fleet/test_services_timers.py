"""Scheduled jobs on a host that systemd runs: its own timers start them, one run at a time."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.bed import Fleet, Host
from tests.services_stage import Stage

PROJECT = "t-timers"
UNIT = f"o8-{PROJECT}-load-1"
NOTES = "/var/tmp/t-timers"
LIMIT = 60.0


@pytest.fixture
def alone(fleet: Fleet, booted: Host, tmp_path: Path) -> Iterator[Stage]:
    """A project on the host that systemd runs and nowhere else."""
    made = Stage(fleet, PROJECT, tmp_path, hosts=(booted.name,))
    wipe = f"rm -rf {NOTES}; systemctl disable --now {UNIT}.timer; rm -f /etc/systemd/system/{UNIT}.*"
    made.clean()
    booted.exec(["sh", "-c", f"{wipe}; mkdir -m 777 {NOTES}; systemctl daemon-reload"])
    yield made
    booted.exec(["sh", "-c", f"{wipe}; systemctl daemon-reload"])
    made.clean()


def write(stage: Stage, schedule: str, does: str, version: str = "v1") -> None:
    spec: dict[str, Any] = {
        "image": stage.fleet.image(version),
        "mode": "job",
        "schedule": schedule,
        "command": ["sh", "-c", does],
        "volumes": [f"{NOTES}:/notes"],
    }
    stage.write({"load": spec})


def said(host: Host, *argv: str) -> str:
    return host.exec(argv).stdout.strip()


def until(seen: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + LIMIT
    while not seen():
        assert time.monotonic() < deadline, f"{what} did not happen within {LIMIT:g} s"
        time.sleep(0.2)


def exit_codes(stage: Stage) -> list[int | None]:
    shown = stage.verb("status", "load", "--json")
    assert shown.rc == 0, shown.out
    runs = json.loads(shown.out)["projects"][PROJECT]["load"]["runs"]
    return [run["exit_code"] for run in runs]


def test_a_timer_starts_a_job_again_and_again_but_never_two_at_a_time(alone: Stage, booted: Host) -> None:
    write(alone, "*-*-* *:*:*", "echo on >>/notes/ran; sleep 1.2; echo off >>/notes/ran")
    first = alone.run()
    assert first.rc == 0, first.out
    assert "unchanged" in alone.run().out

    def ran() -> list[str]:
        return said(booted, "cat", f"{NOTES}/ran").split()

    until(lambda: len(ran()) >= 5, "three runs")
    noted = ran()
    assert noted == [("on", "off")[n % 2] for n in range(len(noted))]
    assert said(booted, "systemctl", "is-enabled", f"{UNIT}.timer") == "enabled"
    assert said(booted, "systemctl", "show", "--value", "-p", "Result", f"{UNIT}.service") == "success"
    assert f"{PROJECT}-load-1-1" in said(booted, "journalctl", "-u", f"{UNIT}.service", "-o", "cat")
    assert len(alone.containers()) == 1


def test_the_last_result_is_told_and_nothing_outlives_a_removal(alone: Stage, booted: Host) -> None:
    def noted(word: str) -> bool:
        return word in said(booted, "cat", f"{NOTES}/ran")

    write(alone, "*-*-* *:*:0/2", "echo first >>/notes/ran; exit 7")
    assert alone.run().rc == 0
    until(lambda: noted("first"), "a run")
    until(lambda: exit_codes(alone) == [7], "a failed run")
    write(alone, "*-*-* *:*:0/3", "echo second >>/notes/ran", "v2")
    changed = alone.run()
    assert changed.rc == 0, changed.out
    until(lambda: noted("second"), "a run of the new version")
    until(lambda: exit_codes(alone)[-1] == 0, "a good run")
    calendar = said(booted, "systemctl", "show", "--value", "-p", "TimersCalendar", f"{UNIT}.timer")
    assert calendar.startswith("{ OnCalendar=*-*-* *:*:00/3 ;"), calendar
    assert "job at *-*-* *:*:0/3, next " in alone.verb("status").out
    write(alone, "daily", "echo second >>/notes/ran", "v2")
    assert alone.run().rc == 0
    until(lambda: alone.live() == [], "the end of the last run")
    assert alone.verb("prune", "load", "--yes").rc == 0
    assert said(booted, "systemctl", "list-unit-files", "--no-legend", f"{UNIT}.*") == ""
    assert said(booted, "systemctl", "list-timers", "--all", "--no-legend", f"{UNIT}.timer") == ""
    assert alone.containers() == []
