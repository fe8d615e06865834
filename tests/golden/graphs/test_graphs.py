"""The graphs of small playbooks, word for word. O8_UPDATE=1 writes what is."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from orchestr8.app.catalog import Actions, catalog
from orchestr8.compile.describe import describe
from orchestr8.compile.settings import Settings
from orchestr8.core.errors import O8Error
from orchestr8.inventory.sources import load
from orchestr8.language.load import Loader

HERE = Path(__file__).parent
CASES = sorted(path.name for path in (HERE / "cases").iterdir())


def text(name: str, form: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(HERE / "cases" / name)
    options = (Path("options").read_text().split() if Path("options").exists() else []) + [""]
    tags = tuple(options[options.index("--tags") + 1].split(",")) if "--tags" in options else ()
    try:
        playbook = Loader(catalog(Actions())).playbook(["playbook.yml"])
        return describe(playbook, load(["../../hosts.ini"]), form, Settings(tags=tags))
    except O8Error as error:
        return f"{error}\n"


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("form", ["text", "mermaid", "dot"])
def test_graph(name: str, form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if form != "text" and name not in ("rescue", "needs"):
        pytest.skip("one form is enough for this case")
    found = text(name, form, monkeypatch)
    golden = HERE / "cases" / name / f"graph.{form}.txt"
    if os.environ.get("O8_UPDATE"):
        golden.write_text(found)
    assert found == golden.read_text()
