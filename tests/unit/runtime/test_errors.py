"""Hints follow from who said it: the engine in its own words, or nobody because it does not answer."""

from __future__ import annotations

import pytest
import requests
from docker.errors import APIError

from orchestr8.engine.services.ports import EngineError
from orchestr8.runtime.errors import engine_errors, half_started

REGISTRY = 'Get "http://r.example:5000/v2/": dial tcp 10.0.0.9:5000: connect: connection refused'
PROGRAM = 'exec: "nope": stat nope: no such file or directory'


def hint(error: Exception) -> str:
    with pytest.raises(EngineError) as caught, engine_errors("h1", "pull app"):
        raise error
    return caught.value.diagnostics[0].hint or ""


def said(text: str) -> APIError:
    answer = requests.Response()
    answer.status_code = 500
    return APIError("500", answer, text)


def test_a_registry_that_refuses_is_no_engine_that_does_not_run() -> None:
    assert "registry" in hint(said(REGISTRY))
    assert "engine does not run" in hint(ConnectionRefusedError(111, "Connection refused"))


def test_a_program_that_an_image_lacks_is_no_missing_engine() -> None:
    assert hint(said(PROGRAM)) == ""
    assert "installed" in hint(FileNotFoundError(2, "No such file or directory"))


def test_what_an_engine_left_behind_when_it_died_at_a_start_is_told_from_other_failures() -> None:
    assert half_started("task 4f1c already exists: unknown")
    assert half_started("task 4f1c already exists\n")
    folder = "/var/run/docker/containerd/daemon/io.containerd.runtime.v2.task/moby/4f1c"
    assert half_started(f"failed to start shim: mkdir {folder}: file exists: unknown")
    assert not half_started("failed to create task for container: no such file or directory: unknown")
    assert not half_started("driver failed programming external connectivity: address already in use")
