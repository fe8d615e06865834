"""What one look at a host costs, and that it shows all there is."""

from __future__ import annotations

from typing import Any, NoReturn

import pytest

from orchestr8.core.errors import O8Error
from orchestr8.engine.ports import Request
from orchestr8.engine.services.ports import EngineError
from orchestr8.runtime.docker import DockerRuntime
from tests.module_host import calling
from tests.services_stage import Stage


def no_stream() -> NoReturn:
    raise AssertionError("a look opens no stream")


def test_a_look_is_one_round_trip_whatever_the_number_of_containers(stage: Stage) -> None:
    asked: list[Request] = []
    image = stage.fleet.image("v1")
    stage.docker("h1", "pull", "-q", image)
    with calling(stage.fleet.host("h1"), timeout=120) as call:

        def ask(request: Request) -> dict[str, Any]:
            asked.append(request)
            return call(request.module, **request.args)

        runtime = DockerRuntime("h1", no_stream, ask)
        made = 0
        for number in (1, 24):
            words = f"docker create --label o8.project={stage.project} --label o8.service=web"
            loop = f"for n in $(seq {made + 1} {number}); do {words} --label o8.slot=$n {image}; done"
            assert stage.fleet.exec("h1", ["sh", "-c", loop]).rc == 0
            made, before = number, len(asked)
            sight = runtime.look(stage.project, {"zone": "a"})
            assert len(asked) == before + 1
            assert sorted(r.slot for r in sight.replicas) == list(range(1, number + 1))
        assert sight.facts.memory > 0
        assert sight.facts.labels == {"zone": "a"}
        assert image in sight.facts.images


def test_a_look_tells_all_that_the_core_decides_by(stage: Stage) -> None:
    stage.deploy(
        replicas=1,
        networks=["app"],
        ports=["127.0.0.1::8080/tcp"],
        resources={"limits": {"cpus": "0.5", "memory": "64M", "pids": 50}},
        healthcheck={"test": ["CMD", "true"], "interval": "200ms"},
    )
    (one,) = stage.live()
    stage.docker(one["host"], "run", "-d", "--name", f"{stage.project}-stranger", "-p", "18123:8080",
                 "--label", f"o8.project={stage.project}", one["Config"]["Image"])  # fmt: skip
    with calling(stage.fleet.host(one["host"]), timeout=120) as call:
        runtime = DockerRuntime(one["host"], no_stream, lambda r: call(r.module, **r.args))
        sight = runtime.look(stage.project, {})
        (seen,) = sight.replicas
        assert (seen.id, seen.state, seen.health, seen.restarts) == (one["Id"], "running", "healthy", 0)
        assert (seen.limits.cpus, seen.limits.memory, seen.limits.pids) == (0.5, 64 << 20, 50)
        assert seen.started_at == one["State"]["StartedAt"]
        assert list(seen.addresses.values()) == [
            n["IPAddress"] for n in one["NetworkSettings"]["Networks"].values()
        ]
        assert seen.published == {"8080/tcp": int(one["NetworkSettings"]["Ports"]["8080/tcp"][0]["HostPort"])}
        assert [c.ports for c in sight.facts.strangers] == [(("", 18123, "tcp"),)]
        stage.fleet.host(one["host"]).kill("dockerd")
        with pytest.raises(O8Error) as caught:
            runtime.look(stage.project, {})
        assert isinstance(caught.value, EngineError)
        assert "cannot look at the containers" in caught.value.message
