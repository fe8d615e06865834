"""expect with real commands on a real terminal."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

ASKS = """
import sys
for question in sys.argv[1:]:
    print("you said", input(question + "? "))
"""


@pytest.fixture
def asks(tmp_path: Path) -> str:
    (tmp_path / "asks.py").write_text(ASKS)
    return f"{sys.executable} {tmp_path}/asks.py"


def test_questions_are_answered_again_and_in_turn(apply, asks: str) -> None:
    result = apply("expect", command=f"{asks} name age name", responses={"name": "Ann", "a[g]e": ["7"]})
    assert (result["rc"], result["changed"]) == (0, True)
    said = [line for line in result["stdout"].replace("?", "\n").splitlines() if "said" in line]
    assert [line.split()[-1] for line in said] == ["Ann", "7", "Ann"]


def test_failures_say_what_was_asked(apply, asks: str, tmp_path: Path) -> None:
    spent = apply("expect", command=f"{asks} name name", responses={"name": ["Ann"]})
    assert spent["msg"].startswith("No remaining responses for 'name'")
    silent = apply("expect", command=f"{asks} name", responses={"other": "x"}, timeout=1)
    assert (silent["msg"], silent["rc"]) == ("command exceeded timeout", None)
    assert apply("expect", command="false", responses={})["msg"] == "non-zero return code"
    assert "not found" in apply("expect", command="o8-no-such-command", responses={})["msg"]
    assert "regular expression" in apply("expect", command="true", responses={"(": "x"})["msg"]
    there = apply("expect", command="false", responses={}, creates=str(tmp_path))
    assert there["stdout"] == f"skipped, since {tmp_path} exists"


def test_answers_are_shown_only_when_asked_for(apply, tmp_path: Path) -> None:
    for echo, count in ((False, 1), (True, 2)):
        result = apply("expect", command=f"{sys.executable} -c \"print(input('pin? '))\"", echo=echo,
                       responses={"pin": "4711"}, chdir=str(tmp_path))  # fmt: skip
        assert result["stdout"].count("4711") == count
