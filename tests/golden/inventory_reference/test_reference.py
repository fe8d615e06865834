"""Inventories beside what a real ansible-inventory made of them: `expected.json` is its answer, as data.

Where a reference program is at hand (`.bench`), its answers of today are compared with the recorded ones.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

from orchestr8.cli.compat import command
from orchestr8.core.errors import InvalidInput

HERE = Path(__file__).parent
DIFFERENT = {
    "broken_bytes": "a file that is no text is refused, not read with what is no text replaced",
    "host_list_odd": "a range in a comma list that cannot be written out is refused",
    "host_list_ranges": "ranges in a comma list are written out, as everywhere else",
    "hostile_host_names": "names that could be options, paths or patterns are refused",
    "hostile_names": "names with blanks, shell or template text are refused",
    "ini_bom": "a byte order mark is no part of the first line",
    "vars_vaulted/graph": "a tree does not show what an encrypted value holds",
}
"""Where we mean to differ, and why."""


def _reference() -> ModuleType:
    spec = importlib.util.spec_from_file_location("inventory_reference", HERE / "reference.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


REFERENCE = _reference()
CASES = sorted(REFERENCE.CASES.iterdir())


def ask(case: Path, form: str) -> None:
    words = ["ansible-inventory", *REFERENCE.arguments(case), *REFERENCE.QUESTIONS[form]]
    with command.make_context("compat", words) as context:
        command.invoke(context)


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(("ANSIBLE_", "ORCHESTR8_")):
            monkeypatch.delenv(name)


@pytest.mark.parametrize("form", REFERENCE.QUESTIONS)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_answer_is_the_references(
    case: Path, form: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    expected: Any = json.loads((case / "expected.json").read_text("utf-8"))[form]
    monkeypatch.chdir(case)
    ask(case, form)
    found: Any = capsys.readouterr().out
    if form in ("list", "export"):
        found = json.loads(found)
    elif form == "yaml" and "!vault" not in found:
        found, expected = yaml.safe_load(found), yaml.safe_load(expected)
    if case.name in DIFFERENT or f"{case.name}/{form}" in DIFFERENT:
        assert found != expected, "no longer different: take it out of the list"
    else:
        assert found == expected


@pytest.mark.parametrize("name", [case.name for case in CASES if case.name.startswith("broken_")])
def test_a_run_refuses_what_the_reference_passes_over(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from orchestr8.inventory.sources import load

    case = REFERENCE.CASES / name
    monkeypatch.chdir(case)
    with pytest.raises(InvalidInput) as failure:
        load([REFERENCE.arguments(case)[1]])
    assert all(each.code.startswith("O8-") for each in failure.value.diagnostics)


def _live() -> Path | None:
    for folder in HERE.parents:
        if (folder / ".bench/bin/ansible-inventory").exists():
            return folder / ".bench/bin/python"
    return None


@pytest.mark.skipif(_live() is None, reason="there is no reference program in .bench")
def test_the_recorded_answers_are_still_the_references(tmp_path: Path) -> None:
    sample = [case.name for case in CASES][:: max(1, len(CASES) // 12)]
    surroundings = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "LANG": "C.UTF-8"}
    program = [str(_live()), str(HERE / "reference.py"), *sample]
    ran = subprocess.run(program, capture_output=True, text=True, env=surroundings, cwd=tmp_path, check=True)
    answers = json.loads(ran.stdout)
    recorded = {name: json.loads((REFERENCE.CASES / name / "expected.json").read_text()) for name in sample}
    assert answers == recorded
