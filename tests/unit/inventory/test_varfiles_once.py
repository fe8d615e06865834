"""A file of variables that is beside the inventory and the playbook at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestr8.core.errors import InvalidInput
from orchestr8.inventory.sources import load


def test_a_mistake_in_it_is_told_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "hosts").write_text("one\n")
    (tmp_path / "group_vars").mkdir()
    (tmp_path / "group_vars" / "all.yml").write_text("- a\n")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InvalidInput) as caught:
        load(["hosts"], playbook_dirs=["."])
    assert len(caught.value.diagnostics) == 1


def test_text_that_is_not_utf8_is_told_by_its_place(tmp_path: Path) -> None:
    (tmp_path / "hosts").write_bytes(b"one\ntwo # caf\xe9\n")
    with pytest.raises(InvalidInput) as caught:
        load([str(tmp_path / "hosts")])
    (found,) = caught.value.diagnostics
    assert (found.message, found.span and (found.span.line, found.span.column)) == (
        "the byte 0xe9 is not valid UTF-8",
        (2, 10),
    )
