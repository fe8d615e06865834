"""The table of scenarios says what is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.scenarios import DOCUMENT, ROOT, SCENARIOS, table

NUMBERED = re.compile(r"^def (test_s(\d+)_\w+)\(", re.MULTILINE)
TEST = re.compile(r"^def (test_\w+)\(", re.MULTILINE)
ALL = (1, 2, 3, 5, 6, 7, 8, 10, 11, 12, 13, 14, 16, 18, 19, 21, 22, 23, 25, 26, 28, 29, 31, 33, 34, 35, 37)


def test_every_scenario_has_a_row() -> None:
    assert list(SCENARIOS) == [f"S{n}" for n in (*ALL, 38, 39, 40, 42, 43, 45)]


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_tests_of_a_scenario_are_there(scenario: str) -> None:
    for test in SCENARIOS[scenario].tests:
        file, _, name = test.partition("::")
        assert name in TEST.findall((ROOT / file).read_text()), test


@pytest.mark.parametrize("file", sorted((ROOT / "fleet").glob("test_*.py")), ids=lambda f: f.name)
def test_a_test_that_names_a_scenario_is_in_its_row(file: Path) -> None:
    for name, number in NUMBERED.findall(file.read_text()):
        assert f"fleet/{file.name}::{name}" in SCENARIOS[f"S{number}"].tests, (
            f"add it to tests/scenarios.py: {name}"
        )


def test_the_document_is_what_the_rows_say() -> None:
    assert DOCUMENT.read_text("utf-8") == table(), "run `python -m tests.scenarios`"
