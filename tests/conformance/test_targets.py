"""A few quick targets of ansible-core, run as they are; skipped where the distribution cannot be had."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from tests.conformance import programs, sandbox
from tests.conformance.__main__ import EXPECTED
from tests.conformance.distribution import Unavailable, fetched
from tests.conformance.running import Bench, run
from tests.conformance.verdict import judge

QUICK = ("conditionals", "include_with_templating", "lookup_nested", "filter_urls", "test_mathstuff")
RECAP = (
    "h : ok=4 changed=0 unreachable=0 failed=1\n\x1b[0;32mg : ok=5 changed=0 unreachable=0 failed=0\x1b[0m\n"
)


@pytest.fixture(scope="session")
def distribution() -> Path:
    if reason := sandbox.impossible():
        pytest.skip(reason)
    try:
        return fetched()
    except Unavailable as problem:
        pytest.skip(str(problem))


@pytest.mark.parametrize("name", QUICK)
def test_target(name: str, distribution: Path, tmp_path: Path) -> None:
    bench = Bench(distribution, tmp_path, limit=120, shown=sandbox.elsewhere(distribution))
    o8 = str(Path(sys.executable).with_name("o8"))
    found = run(bench, name, programs.of_orchestr8(o8), json.loads(EXPECTED.read_text())[name])
    assert found.result == "PASS", found


def test_what_a_target_writes_is_thrown_away(distribution: Path, tmp_path: Path) -> None:
    mark = Path("/etc/o8-conformance-mark")
    (tmp_path / "extra").mkdir()
    room = sandbox.Room(tmp_path, distribution / "test", sandbox.elsewhere(distribution))
    script = f"touch {mark} {tmp_path}/test/mark && ls {tmp_path}/test && exit 7"
    with (tmp_path / "log").open("wb") as log:
        status = sandbox.execute(["bash", "-c", script], tmp_path, dict(os.environ), room, log, 60)
    assert status == 7
    assert "mark" in (tmp_path / "log").read_text().split()
    assert not mark.exists()
    assert not (distribution / "test/mark").exists()


@pytest.mark.parametrize(
    ("status", "expected", "result", "share"),
    [
        (0, 10, "PASS", 1.0),
        (0, 9, "PASS", 1.0),
        (0, None, "PASS", 1.0),
        (0, 30, "HOLLOW", 0.3),
        (2, 10, "PART", 0.9),
        (2, 9, "PART", 0.99),
        (None, 18, "TIMEOUT", 0.5),
        (1, None, "PART", 0.0),
    ],
)
def test_a_verdict(status: int | None, expected: int | None, result: str, share: float) -> None:
    found = judge("t", status, f"fatal: [h]: FAILED! => why\n{RECAP}", 1.0, expected)
    assert (found.result, found.share, found.ok, found.failed) == (result, share, 9, 1)
    assert found.reason.startswith("fatal:") == (result in {"PART", "TIMEOUT"})
