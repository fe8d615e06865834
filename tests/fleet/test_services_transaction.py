"""Two services that change together on real hosts: both stay good, or both are what they were."""

from __future__ import annotations

import json
from typing import Any

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
