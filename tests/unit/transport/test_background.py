"""Jobs behind a call, on a real interpreter of this machine."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from orchestr8.core.clock import SystemClock
from orchestr8.engine.ports import Endpoint, Request
from orchestr8.transport.heartbeat import Heartbeat
from orchestr8.transport.local import LocalTransport
from orchestr8.transport.payload import Payload


@pytest.fixture
def session() -> Iterator[Any]:
    heartbeat = Heartbeat()
    opened = LocalTransport(Payload(["ping"]), heartbeat).connect(Endpoint("here", "here", kind="local"))
    yield opened
    opened.close()
    heartbeat.stop()


def status(session: Any, job: str, folder: str) -> dict[str, Any]:
    ask = Request("async_status", {"jid": job}, environ={"ANSIBLE_ASYNC_DIR": folder})
    clock = SystemClock()
    for _ in range(1200):
        found: dict[str, Any] = session.call(ask)
        if found["finished"]:
            return found
        clock.sleep(0.05)
    return found


@pytest.mark.parametrize(("limit", "rc"), [(30, 3), (0.3, None)])
def test_a_job_leaves_its_result(session: Any, tmp_path: Path, limit: float, rc: int | None) -> None:
    folder = str(tmp_path)
    line = f"echo a; sleep {0.1 if rc else 30}; echo b; exit 3"
    began = time.monotonic()
    job = session.call(
        Request("shell", {"_raw_params": line}, environ={"ANSIBLE_ASYNC_DIR": folder}, background=limit)
    )
    assert (job["started"], job["finished"]) == (True, False)
    assert job["results_file"] == f"{folder}/{job['ansible_job_id']}"
    result = status(session, job["ansible_job_id"], folder)
    assert (result["failed"], result.get("rc")) == (True, rc)
    assert time.monotonic() - began < 28


def test_jobs_are_cleaned_up_and_unknown_ones_named(session: Any, tmp_path: Path) -> None:
    environ = {"ANSIBLE_ASYNC_DIR": str(tmp_path)}
    job = session.call(Request("ping", {}, environ=environ, background=5))["ansible_job_id"]
    assert status(session, job, str(tmp_path))["ping"] == "pong"
    gone = session.call(Request("async_status", {"jid": job, "mode": "cleanup"}, environ=environ))
    assert (gone["changed"], gone["finished"]) == (False, False)
    assert gone["erased"] == str(tmp_path / job)
    assert session.call(Request("async_status", {"jid": job}, environ=environ))["msg"] == "could not find job"
    wrong = session.call(Request("async_status", {"jid": "../x"}, environ=environ))
    assert "not the name of a job" in wrong["msg"]
