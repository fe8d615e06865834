"""Jobs on real hosts: once a revision whatever is killed, before those who wait for them, told by status."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.services_stage import Stage

NOTES = "/tmp/t-jobs-notes"


@pytest.fixture(autouse=True)
def notes(stage: Stage) -> Iterator[None]:
    stage.fleet.exec("h1", ["sh", "-c", f"rm -rf {NOTES} && mkdir -m 777 {NOTES}"])
    yield
    stage.fleet.exec("h1", ["rm", "-rf", NOTES])


def noted(stage: Stage) -> list[str]:
    """What jobs wrote on their host, one line a run."""
    return stage.fleet.exec("h1", ["sh", "-c", f"cat {NOTES}/*"]).stdout.split()


def job(stage: Stage, version: str, does: str = "", **more: Any) -> dict[str, Any]:
    return {
        "image": stage.fleet.image(version),
        "mode": "job",
        "command": ["sh", "-c", f"echo {version} >> /notes/ran; {does}"],
        "volumes": [f"{NOTES}:/notes"],
        "placement": {"hosts": "h1"},
        "update": {"progress_deadline": "2m"},
        **more,
    }


def app(stage: Stage, version: str, **more: Any) -> dict[str, Any]:
    return {
        "image": stage.fleet.image(version),
        "readiness": {"http": "/healthz", "port": 8080, "interval": "200ms"},
        "stop_grace_period": "1s",
        "update": {"min_healthy_time": "100ms"},
        **more,
    }


def play(stage: Stage, version: str, does: str = "sleep 0.3") -> None:
    needs = {
        "db": {"condition": "service_healthy"},
        "migrate": {"condition": "service_completed_successfully"},
    }
    ready = {"db": {"condition": "service_healthy"}}
    stage.write(
        {
            "web": app(stage, version, replicas=2, depends_on=needs),
            "db": app(stage, "v1", placement={"hosts": "h2"}),
            "migrate": job(stage, version, does, depends_on=ready),
        }
    )


def test_a_migration_runs_once_before_the_new_version_and_its_failure_changes_nothing(stage: Stage) -> None:
    play(stage, "v1")
    first = stage.run()
    assert first.rc == 0, first.out
    assert noted(stage) == ["v1"]
    assert "unchanged" in stage.run().out
    mark = stage.mark()
    play(stage, "v2")
    second = stage.run()
    assert second.rc == 0, second.out
    assert noted(stage) == ["v1", "v2"]
    told = [(action, name.rsplit("-", 2)[0]) for _, _, action, name in stage.events(mark)]
    web = [n for n, (action, name) in enumerate(told) if action == "create" and name.endswith("-web")]
    done = next(n for n, (action, name) in enumerate(told) if action == "die" and name.endswith("-migrate"))
    assert len(web) == 2
    assert done < min(web)
    before = {c["Id"] for c in stage.live()}
    play(stage, "v1", "echo table users is locked; exit 3")
    failed = stage.run()
    assert failed.rc == 2, failed.out
    assert "exited with code 3" in failed.out
    assert "table users is locked" in failed.out
    assert "`migrate`, which it depends on, ended failed" in failed.out
    assert {c["Id"] for c in stage.live()} == before
    shown = json.loads(stage.verb("status", "migrate", "--json").out)["projects"][stage.project]["migrate"]
    assert (shown["completed"], shown["to_complete"], shown["state"]) == (0, 1, "revision 3 failed")
    assert [run["exit_code"] for run in shown["runs"]] == [0, 3]
    refused = stage.verb("rollback", "migrate", "--yes")
    assert (refused.rc, "what it did stays done" in refused.out) == (1, True), refused.out


MOMENTS = ("create.after", "start.after", "record.before:9")


def test_a_job_runs_once_however_its_controller_dies(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    for number, moment in enumerate(MOMENTS):
        stage.write({"migrate": job(stage, "v1", environment={"ROUND": str(number)})})
        monkeypatch.setenv("O8_FAILPOINT", moment)
        killed = stage.run()
        assert killed.rc == -9, (moment, killed.out)
        monkeypatch.delenv("O8_FAILPOINT")
        again = stage.run()
        assert again.rc == 0, again.out
        assert len(noted(stage)) == number + 1, moment


def test_completions_have_slots_of_their_own_and_a_restart_runs_them_again(stage: Stage) -> None:
    stage.write({"load": job(stage, "v1", replicas=3)})
    assert stage.run().rc == 0
    assert len(noted(stage)) == 3
    assert stage.verb("restart", "load", "--yes").rc == 0
    assert len(noted(stage)) == 6
    stage.write(
        {"load": job(stage, "v1", "sleep 60", update={"progress_deadline": "1s"}, stop_signal="SIGKILL")}
    )
    late = stage.run()
    assert late.rc == 2, late.out
    assert "did not end within 1s" in late.out
    assert stage.live() == []


def test_a_scheduled_job_is_started_by_its_host(stage: Stage) -> None:
    table = f"/etc/cron.d/o8-{stage.project}-load-1"

    def starts() -> str:
        return stage.fleet.exec("h1", ["tail", "-n", "1", table]).stdout

    stage.write({"load": job(stage, "v1", schedule="Mon..Fri *-*-* 03:00", update={})})
    assert stage.run().rc == 0
    assert "unchanged" in stage.run().out
    assert starts().startswith("0 3 * * 1,2,3,4,5 root ")
    assert noted(stage) == []
    for number in (1, 2):
        stage.fleet.exec("h1", ["sh", "-c", starts().split(" root ")[1]])
        stage.docker("h1", "wait", f"{stage.project}-load-1-1")
        assert noted(stage) == ["v1"] * number
    shown = stage.verb("status").out
    assert "job at Mon..Fri *-*-* 03:00, next " in shown
    stage.write({"load": job(stage, "v2", schedule="daily", update={})})
    assert stage.run().rc == 0
    assert (starts()[:9], f"{stage.project}-load-1-2" in starts()) == ("0 0 * * *", True)
    stage.write({"load": job(stage, "v2", schedule="*-*-* 03:00:30", update={})})
    refused = stage.run()
    assert (refused.rc, "cron knows no seconds" in refused.out) == (32, True), refused.out
    assert stage.verb("prune", "load", "--yes").rc == 0
    assert starts() == ""
    assert stage.containers() == []
