"""How one task on many hosts is shown."""

from __future__ import annotations

import io
from typing import Any

import pytest

from orchestr8.core.event import HostFinished, RunFinished
from orchestr8.core.outcome import Outcome, Status
from orchestr8.report.adhoc import AdHocReporter


def shown(module: str, *outcomes: Outcome, **options: Any) -> str:
    out = io.StringIO()
    reporter = AdHocReporter(out, module, **options)
    for number, outcome in enumerate(outcomes, 1):
        reporter.emit(HostFinished("k", f"web{number}", outcome))
    reporter.emit(RunFinished("r", {}, 0, 0.1))
    return out.getvalue()


def ran(text: str, rc: int = 0) -> Outcome:
    status = Status.FAILED if rc else Status.CHANGED
    failed = {"failed": True, "msg": "non-zero return code"} if rc else {}
    return Outcome(status, {"changed": True, "rc": rc, "stdout": text, "stderr": "", **failed})


def test_hosts_with_the_same_output_stand_together() -> None:
    text = shown("command", ran("12.1"), ran("12.1"), ran("11.9"), together=True)
    assert text == "2 hosts: web1, web2 | CHANGED | rc=0 >>\n12.1\nweb3 | CHANGED | rc=0 >>\n11.9\n"


def test_hosts_stand_in_the_order_in_which_people_count() -> None:
    text = shown("command", *(ran("even" if n % 2 == 0 else "odd") for n in range(1, 13)), together=True)
    headings = [line.partition(" | ")[0] for line in text.splitlines() if " | " in line]
    assert headings == [
        "6 hosts: web1, web3, web5, web7, web9, web11",
        "6 hosts: web2, web4, web6, web8, web10, web12",
    ]


@pytest.mark.parametrize(
    ("module", "outcome", "options", "text"),
    [
        ("ansible.builtin.shell", ran("", 3), {}, "web1 | FAILED | rc=3 >>\nnon-zero return code\n"),
        ("shell", ran("a\nb"), {"one_line": True}, "web1 | CHANGED | rc=0 | (stdout) a\\nb\n"),
        ("ping", Outcome(Status.OK, {"ping": "pong"}), {}, 'web1 | SUCCESS => {\n    "ping": "pong"\n}\n'),
        (
            "ping",
            Outcome(Status.OK, {"ping": "pong"}),
            {"one_line": True},
            'web1 | SUCCESS => {"ping": "pong"}\n',
        ),
        (
            "ping",
            Outcome(Status.UNREACHABLE, {"msg": "gone"}),
            {"one_line": True},
            'web1 | UNREACHABLE! => {"msg": "gone"}\n',
        ),
    ],
)
def test_each_kind_of_end(module: str, outcome: Outcome, options: dict[str, Any], text: str) -> None:
    assert shown(module, outcome, **options) == text
