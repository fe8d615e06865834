"""Template files that cannot be read as templates are findings, mild where a failure is expected."""

from pathlib import Path

import pytest

from orchestr8.app.catalog import Actions, catalog
from orchestr8.compile.references import Sources, check_references
from orchestr8.language.load import Loader
from orchestr8.language.reading import StaticReader


@pytest.mark.parametrize(("words", "severity"), [("", "error"), ("      ignore_errors: true\n", "warning")])
def test_a_wrong_header_of_a_template_is_a_finding(
    words: str, severity: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "t.j2").write_text("#jinja2: lstrip_blocks=True\nx\n")
    (tmp_path / "p.yml").write_text(
        f"- hosts: all\n  tasks:\n    - template: {{src: t.j2, dest: /x}}\n{words}"
    )
    loader = Loader(catalog(Actions()))
    reader = StaticReader(loader.files)
    sources = Sources(reader.template, reader.variables, reader.line)
    found = check_references(loader.playbook(["p.yml"]), (), sources)
    assert [each.severity for each in found] == [severity]
    assert "Missing key-value separator" in found[0].message
