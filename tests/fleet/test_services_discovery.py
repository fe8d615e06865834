"""Services find each other by name on every host, and lose no request while one of them changes."""

from __future__ import annotations

import json
import signal
from typing import Any

import pytest
import yaml

from tests.services_stage import Stage
from tests.waiting import wait_for

CLIENT = """\
import http.client, json, os, signal, sys, time
name, port = os.environ["API"].split(":")
seen, failed = {}, []
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
while True:
    try:
        line = http.client.HTTPConnection(name, int(port), timeout=10)
        line.request("GET", "/")
        reply = line.getresponse()
        body = json.loads(reply.read()) if reply.status == 200 else {"version": str(reply.status)}
        seen[body["version"]] = seen.get(body["version"], 0) + 1
    except OSError as error:
        failed.append(str(error))
    print(json.dumps([seen, failed]), flush=True)
    time.sleep(0.02)
"""
HOSTS = ("h1", "h2")


def services(stage: Stage, version: str, offer: dict[str, Any]) -> dict[str, Any]:
    quick = {"min_healthy_time": "200ms"}
    api = {
        "image": stage.fleet.image(version),
        "replicas": 2,
        "discovery": {"port": 8080, **offer},
        "readiness": {"http": "/healthz", "port": 8080, "interval": "200ms"},
        "stop_grace_period": "3s",
        "update": quick,
    }
    client = {
        "image": stage.fleet.image("v1"),
        "mode": "global",
        "uses": ["api"],
        "depends_on": {"api": {"condition": "service_healthy"}},
        "environment": {"API": "{{ services.api.address }}"},
        "command": ["python3", "-c", CLIENT],
        "update": quick,
    }
    return {"api": api, "client": client}


def told(stage: Stage, version: str) -> list[tuple[dict[str, int], list[str]]]:
    """What the clients on each host have seen when all know a version: answers by version, and failures."""
    found: list[tuple[dict[str, int], list[str]]] = []

    def known() -> bool:
        clients = [c for c in stage.live() if c["Config"]["Labels"]["o8.service"] == "client"]
        last = [stage.docker(c["host"], "logs", "--tail", "1", c["Name"].lstrip("/")) for c in clients]
        found[:] = [tuple(json.loads(line or "[{}, []]")) for line in last]
        return len(found) == len(HOSTS) and all(seen.get(version, 0) > 5 for seen, _ in found)

    wait_for(known)
    return found


@pytest.fixture(autouse=True)
def edges(stage: Stage) -> Any:
    stage.hosts = HOSTS
    yield
    for host in HOSTS:
        script = "docker ps -aq --filter name=^o8-edge- | xargs -r docker rm -f"
        stage.fleet.exec(host, ["sh", "-c", f"{script}; rm -rf /var/lib/orchestr8/.edge"])


TASKS = [
    {
        "uri": {"url": "http://{{ one.address }}:{{ one.port }}/", "return_content": True},
        "vars": {"one": "{{ services.api.members[0] }}"},
        "run_once": True,
    },
    {"debug": {"msg": "{{ services.api.name }} has {{ services.api.members | length }}"}, "run_once": True},
]


def written(stage: Stage, version: str, offer: dict[str, Any]) -> None:
    play = {"hosts": "web", "gather_facts": False, "services": services(stage, version, offer)}
    later = {"hosts": "web", "gather_facts": False, "tasks": TASKS}
    (stage.folder / "site.yml").write_text(yaml.safe_dump([play, later]))


def deployed(stage: Stage, version: str, offer: dict[str, Any]) -> str:
    written(stage, version, offer)
    ran = stage.run()
    assert ran.rc == 0, ran.out
    return ran.out


def both_were_seen(stage: Stage) -> None:
    """Every client had answers of both versions, and nothing else."""
    after = told(stage, "v2")
    assert [failed for _, failed in after] == [[], []]
    assert all(set(seen) == {"v1", "v2"} for seen, _ in after), after


def test_a_rolling_update_behind_a_name_loses_no_request(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even when the controller is killed in the middle, and somebody else goes on."""
    offer = {"via": "caddy", "image": stage.fleet.edge_image("caddy")}
    assert f"api.{stage.project}.internal has 2" in deployed(stage, "v1", offer)
    assert [(list(seen), failed) for seen, failed in told(stage, "v1")] == [(["v1"], []), (["v1"], [])]
    written(stage, "v2", offer)
    monkeypatch.setenv("O8_FAILPOINT", "drain.after:2")
    assert stage.run().rc == -signal.SIGKILL
    monkeypatch.delenv("O8_FAILPOINT")
    deployed(stage, "v2", offer)
    both_were_seen(stage)
    mark = stage.mark()
    assert "unchanged" in stage.run().out
    assert stage.events(mark) == []


def test_tcp_services_are_found_through_an_haproxy(stage: Stage) -> None:
    offer = {"mode": "tcp", "listen": 5432, "image": stage.fleet.edge_image("haproxy")}
    assert "route: tcp :5432 on h1, h2" in deployed(stage, "v1", offer)
    deployed(stage, "v2", offer)
    both_were_seen(stage)
