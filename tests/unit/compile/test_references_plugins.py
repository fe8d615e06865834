"""The check before a run knows names that stand in plugins' files, and runs none of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestr8.app.catalog import Actions, catalog
from orchestr8.compile.references import Sources, check_references
from orchestr8.language.load import Loader
from orchestr8.language.reading import StaticReader


def test_names_of_plugins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    places = [tmp_path / "filter_plugins", tmp_path / "roles/r/test_plugins", tmp_path / "roles/r/tasks"]
    for place in places:
        place.mkdir(parents=True)
    (places[0] / "f.py").write_text("raise SystemExit('executed')  # own_filter\n")
    (places[1] / "t.py").write_text("class TestModule:\n    def tests(self): return {'own_test': bool}\n")
    (places[2] / "main.yml").write_text(
        "- debug: msg='{{ 1 | own_filter }} {{ 1 is own_test }} {{ 1 | gone }}'\n"
    )
    Path("p.yml").write_text("- hosts: all\n  gather_facts: false\n  roles: [r]\n")
    loader = Loader(catalog(Actions()))
    reader = StaticReader(loader.files)
    sources = Sources(reader.template, reader.variables, reader.line, loader.plugins)
    found = check_references(loader.playbook(["p.yml"]), (), sources)
    assert [(each.message, each.severity) for each in found] == [("there is no filter `gone`", "warning")]
