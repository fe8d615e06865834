"""A file of tests as a check, against hosts that answer here."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from typing import Any

import pytest

from orchestr8.deploy.gate.check import Check
from orchestr8.deploy.model import HostFacts, Replica, ServiceSpec, Workload
from orchestr8.engine.services.gate_port import Question, Unanswered
from orchestr8.engine.services.ports import Answer, Executed, Site
from orchestr8.gates.testinfra import ask_testinfra
from orchestr8.runtime.memory import MemoryImages, MemoryRuntime
from orchestr8.state.memory import MemoryRecords
from orchestr8.state.memory_files import MemoryFiles


def site(name: str) -> Site:
    def execute(words: Sequence[str], timeout: float) -> Executed:
        done = subprocess.run(list(words), capture_output=True, text=True, timeout=timeout, check=False)
        return Executed(done.returncode, done.stdout + name, done.stderr)

    runtime = MemoryRuntime(HostFacts(name), MemoryImages({}))
    probe = lambda targets: [Answer(True) for _ in targets]  # noqa: E731
    return Site(name, runtime, MemoryRecords(), probe, MemoryFiles(), execute=execute)


def question(content: str, **more: Any) -> Question:
    check = Check(
        "testinfra", "tests/web.py", content=content, origin="controller", **{"timeout": 60.0, **more}
    )
    hosts = [site("h 1"), site("h2")]
    replicas = [
        (s, Replica(f"c{n}", f"web-{n}", "web", n, 2, "", s.name, "running"))
        for n, s in enumerate([*hosts, hosts[0]], 1)
    ]
    return Question(check, ServiceSpec("web", Workload("app")), 2, 1, replicas=tuple(replicas))


GOOD = """
def test_hosts(host, o8_containers):
    assert host.run("printf %s", "it's ").stdout in ("it's h 1", "it's h2")
    assert o8_containers in (["web-1", "web-3"], ["web-2"])
"""


def test_tests_run_on_every_host_of_a_new_replica() -> None:
    reading = ask_testinfra(question(GOOD))
    assert (reading.natural, reading.detail) == ((True,), "2 tests passed, 0 failed")
    assert reading.answers == ({"passed": 2.0, "failed": 0.0},)


def test_one_that_fails_is_told_with_its_reason() -> None:
    reading = ask_testinfra(question(GOOD + "def test_bad(host):\n    assert host.run('false').rc == 0\n"))
    assert reading.natural == (False,)
    assert reading.detail.startswith("2 tests passed, 2 failed; test_bad[o8://h%201]")
    assert "assert 1 == 0" in reading.detail


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("import nothing_of_that_name", "nothing_of_that_name"),
        ("def helper(): pass", "could not be run"),
        ("def test_(:", "SyntaxError|invalid syntax"),
    ],
)
def test_what_cannot_be_run_says_nothing(content: str, why: str) -> None:
    with pytest.raises(Unanswered, match=why):
        ask_testinfra(question(content))


def test_tests_that_do_not_end_say_nothing() -> None:
    content = "import time\ndef test_slow(host):\n    time.sleep(60)\n"
    with pytest.raises(Unanswered, match="did not end within 3s"):
        ask_testinfra(question(content, timeout=3.0))
