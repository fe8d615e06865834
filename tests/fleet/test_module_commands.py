"""Commands, scripts and waiting on a real host."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from orchestr8.core.secret import Secret
from orchestr8.engine.ports import Become, Endpoint, Request
from orchestr8.transport.heartbeat import Heartbeat
from orchestr8.transport.payload import Payload
from orchestr8.transport.ssh import SshTransport
from tests.bed import Fleet

pytestmark = pytest.mark.fleet

Run = Callable[..., dict[str, Any]]
SUDO = Become(password=Secret("deploy-pw"))


@pytest.fixture(scope="module")
def run(fleet: Fleet) -> Iterator[Run]:
    """`run("command", ...)` calls a module on h3 by SSH as the user deploy."""
    there = fleet.host("h3")
    heartbeat = Heartbeat()
    transport = SshTransport(Payload(), heartbeat)
    options = {"UserKnownHostsFile": str(there.known_hosts), "IdentitiesOnly": "yes"}
    way = Endpoint("h3", there.address, there.port, "deploy", key_file=str(there.key), options=options)
    connection = transport.connect(way)

    def call(module: str, **args: Any) -> dict[str, Any]:
        names = ("check", "blob", "environ", "timeout", "cwd", "become")
        set_ = {name: args.pop(f"{name}_") for name in names if f"{name}_" in args}
        return connection.call(Request(module, args, **{"timeout": 60, **set_}))

    yield call
    connection.close()
    transport.close()
    heartbeat.stop()


def test_a_command_runs_at_home_with_the_task_environment(run: Run) -> None:
    assert run("command", _raw_params="pwd")["stdout"] == "/home/deploy"
    result = run("shell", _raw_params="echo $GREETING from $(id -un)", environ_={"GREETING": "hi"})
    assert (result["stdout"], result["rc"], result["changed"]) == ("hi from deploy", 0, True)
    assert run("command", _raw_params="echo $GREETING", environ_={"GREETING": "hi"})["stdout"] == "hi"


def test_a_failure_keeps_all_that_was_said(run: Run) -> None:
    result = run("shell", _raw_params="echo out; echo err >&2; exit 4")
    assert (result["failed"], result["rc"], result["msg"]) == (True, 4, "non-zero return code")
    assert (result["stdout_lines"], result["stderr_lines"]) == (["out"], ["err"])


def test_another_user_runs_it(run: Run) -> None:
    assert run("command", _raw_params="id -un", become_=SUDO)["stdout"] == "root"


def test_an_account_may_change_though_we_ran_something_by_it(run: Run) -> None:
    """The system changes or removes nobody who runs something; what we keep running for a user ends first."""

    def as_guest() -> dict[str, Any]:
        return run("command", _raw_params="id -u", become_=Become("guest", password=Secret("deploy-pw")))

    root = {"become_": SUDO}
    run("user", name="guest", state="present", **root)
    try:
        assert as_guest()["rc"] == 0
        assert run("user", name="guest", uid=4321, **root)["uid"] == 4321
        assert as_guest()["stdout"] == "4321"
    finally:
        gone = run("user", name="guest", state="absent", remove=True, **root)
    assert (gone["changed"], gone.get("failed")) == (True, None)
    assert as_guest()["failed"] is True


def test_much_output_is_cut_and_binary_survives(run: Run) -> None:
    result = run("shell", _raw_params="head -c 3000000 /dev/zero | tr '\\0' x")
    assert len(result["stdout"]) < 2_200_000
    assert "output was cut" in str(result["warnings"])
    assert run("shell", _raw_params="printf '\\377\\376'")["stdout"] == "\udcff\udcfe"


def test_a_deadline_ends_the_whole_group(run: Run) -> None:
    result = run("shell", _raw_params="sleep 97531 & sleep 97531", timeout_=1)
    assert result["failed"] is True
    assert result["timedout"] == {"period": 1}
    assert run("shell", _raw_params="pgrep -fx 'sleep 97531' || true")["stdout"] == ""


def test_scripts_leave_nothing_behind(run: Run) -> None:
    before = run("shell", _raw_params="ls -A /tmp ~")["stdout"]
    body = b"#!/usr/bin/env python3\nimport sys\nprint('arg', sys.argv[1])\n"
    result = run("script", _raw_params="tools/x.py 'a b'", blob_=body)
    assert (result["stdout"], result["changed"]) == ("arg a b\n", True)
    assert run("script", _raw_params="x.sh", blob_=b"#!/bin/sh\nid -un\n", become_=SUDO)["stdout"] == "root\n"
    assert run("shell", _raw_params="ls -A /tmp ~")["stdout"] == before


def test_check_mode_runs_nothing(run: Run) -> None:
    assert run("command", _raw_params="touch /home/deploy/o8-no", check_=True)["skipped"] is True
    assert run("wait_for", path="/home/deploy/o8-no", check_=True)["skipped"] is True
    assert run("stat", path="/home/deploy/o8-no")["stat"]["exists"] is False


def test_waiting_for_a_port_of_the_host(run: Run) -> None:
    assert run("wait_for", port=22, search_regex="^SSH-")["elapsed"] == 0
    assert run("wait_for", port=9, timeout=1)["msg"] == "Timeout when waiting for 127.0.0.1:9"
    assert run("uri", url="http://127.0.0.1:9/")["status"] == -1
