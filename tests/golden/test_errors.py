"""Every mistake in a playbook is shown as it is written down in its case; O8_UPDATE=1 rewrites the cases."""

import os
from pathlib import Path

import pytest

from orchestr8.app.catalog import Actions, catalog
from orchestr8.compile.references import Sources, check_references
from orchestr8.language.load import Loader, is_partial
from orchestr8.language.reading import StaticReader
from orchestr8.report.diagnostics import render

CASES = sorted((Path(__file__).parent / "errors").iterdir())


def shown(case: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(case)
    loader = Loader(catalog(Actions()))
    playbook, found = loader.survey(["playbook.yml"])
    reader = StaticReader(loader.files)
    sources = Sources(reader.template, reader.variables, reader.line)
    return render([*found, *check_references(playbook, (), sources, partial=is_partial(found))])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_mistakes_are_shown_as_written(case: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = case / "error.txt"
    text = shown(case, monkeypatch)
    if os.environ.get("O8_UPDATE"):
        expected.write_text(text, encoding="utf-8")
    assert text == expected.read_text(encoding="utf-8")
    assert "error[" in text or "warning[" in text
