"""The console: one task after another over connections that stay open."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from orchestr8.app.console import HELP, Console, Lasting, converse
from orchestr8.app.request import ExecRequest
from orchestr8.engine.ports import Connection, Endpoint
from orchestr8.report.adhoc import AdHocReporter
from orchestr8.transport.pool import Network


@pytest.fixture
def talk(tmp_path: Path) -> Callable[..., str]:
    (tmp_path / "hosts").write_text("[web]\na ansible_connection=local\nb ansible_connection=local\n")

    def talk(*lines: str) -> str:
        out = io.StringIO()
        request = ExecRequest(pattern="web", inventory=(str(tmp_path / "hosts"),))
        console = Console(request, lambda wanted: AdHocReporter(out, wanted.module, together=False))
        waiting: Iterator[str] = iter(lines)

        def read(prompt: str) -> str:
            out.write(prompt)
            try:
                return next(waiting)
            except StopIteration:
                raise EOFError from None

        assert converse(console, read, out.write) == 0
        return out.getvalue()

    return talk


def test_lines_are_tasks_on_the_hosts(talk: Callable[..., str]) -> None:
    said = talk("cd a", "echo one two", "ping", "exit", "echo never")
    assert said.startswith("web (2)[f:50]$ a (1)[f:50]$ ")
    assert "rc=0 >>\none two\n" in said
    assert '"ping": "pong"' in said
    assert "never" not in said


def test_a_mistake_ends_nothing(talk: Callable[..., str]) -> None:
    said = talk("file pth=/x", "forks many", "list")
    assert "O8-1204" in said
    assert "forks has to be a number" in said
    assert said.endswith("a\nb\nweb (2)[f:50]$ ")


def test_switches_show_in_the_prompt(talk: Callable[..., str]) -> None:
    said = talk("become on", "forks 3", "become off", "help", "", "# nothing")
    assert "web (2)[f:50]# web (2)[f:3]# web (2)[f:3]$ " in said
    assert HELP in said


def test_a_connection_is_opened_once_and_closed_at_the_end() -> None:
    lasting, place = Lasting(Network()), Endpoint("a", "a", kind="local")
    first: Connection = lasting.connect(place)
    first.close()
    assert lasting.connect(place) is first
    assert first.raw("echo still there")["stdout"].strip() == "still there"
    lasting.end()
    assert lasting.connect(place) is not first
    lasting.end()
