"""Two services that change together on real hosts: both stay good, or both are what they were."""

from __future__ import annotations

import json
from typing import Any

import yaml

from tests.services_stage import Stage


def play(stage: Stage, api: str, web: str, **more: Any) -> None:
    def service(version: str, **fields: Any) -> dict[str, Any]:
        update = {"min_healthy_time": "100ms", "healthy_deadline": "2s" if version == "bad" else "2m"}
        return {
            "image": stage.fleet.image(version),
            "transaction": "shop",
            "readiness": {"http": "/healthz", "port": 8080, "interval": "200ms"},
            "stop_grace_period": "1s",
            "update": update,
            **fields,
        }

    needs = {"api": {"condition": "service_healthy"}}
    stage.write({"api": service(api, **more), "web": service(web, depends_on=needs)})


def runs(stage: Stage) -> dict[str, str]:
    return {
        c["Config"]["Labels"]["o8.service"]: c["Config"]["Image"].rpartition(":")[2] + c["Name"][-2:]
        for c in stage.live()
    }


def outcomes(stage: Stage, service: str) -> list[str]:
    told = json.loads(stage.verb("history", service, "--json").out)
    return [r["outcome"] for r in sorted(told["revisions"], key=lambda r: r["revision"])]


def test_services_of_a_transaction_are_promoted_and_rolled_back_together(stage: Stage) -> None:
    play(stage, "v1", "v1")
    assert stage.run().rc == 0
    play(stage, "v2", "v2")
    assert stage.run().rc == 0
    assert {name: image[-2:] for name, image in runs(stage).items()} == {"api": "-2", "web": "-2"}
    play(stage, "v1", "bad", environment={"A": "1"})
    failed = stage.run()
    assert failed.rc == 20, failed.out
    assert "`web` of the same transaction `shop` failed" in failed.out
    assert {name: image[-2:] for name, image in runs(stage).items()} == {"api": "-2", "web": "-2"}
    assert outcomes(stage, "api") == outcomes(stage, "web") == ["good", "good", "bad"]
    back = stage.verb("rollback", "web", "--yes")
    assert back.rc == 0, back.out
    assert {name: image[-2:] for name, image in runs(stage).items()} == {"api": "-1", "web": "-1"}


def migrated(stage: Stage, migration: str, web: str) -> None:
    """Write a migration and a service that waits for it, both of one transaction."""
    play(stage, "v1", web)
    needs = {"migrate": {"condition": "service_completed_successfully"}}
    job = {
        "image": stage.fleet.image("v1"),
        "mode": "job",
        "command": ["sh", "-c", migration],
        "transaction": "shop",
        "update": {"progress_deadline": "60s"},
    }
    [written] = yaml.safe_load((stage.folder / "site.yml").read_text())
    service = {**written["services"]["web"], "depends_on": needs}
    stage.write({"migrate": job, "web": service})


def test_a_migration_and_who_waits_for_it_are_one_transaction(stage: Stage) -> None:
    migrated(stage, "exit 0", "v1")
    first = stage.run()
    assert first.rc == 0, first.out
    before = runs(stage)
    migrated(stage, "exit 3", "v2")
    broken = stage.run()
    assert broken.rc == 2, broken.out
    assert "exited with code 3" in broken.out
    migrated(stage, "exit 0; :", "bad")
    failed = stage.run()
    assert failed.rc == 20, failed.out
    assert "`web` of the same transaction `shop` failed" in failed.out
    assert runs(stage) == before
    assert outcomes(stage, "migrate") == ["good", "bad", "bad"]
    migrated(stage, "exit 0; :", "v2")
    done = stage.run()
    assert done.rc == 0, done.out
    assert outcomes(stage, "migrate")[-1] == outcomes(stage, "web")[-1] == "good"
    back = stage.verb("rollback", "web", "--yes")
    assert back.rc == 0, back.out
    assert runs(stage)["web"][:-2] == before["web"][:-2]
    assert len(outcomes(stage, "migrate")) == 4
