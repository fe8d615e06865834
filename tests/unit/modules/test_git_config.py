from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.unit.modules.conftest import Apply

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="this machine has no git")


def test_a_setting_comes_changes_and_goes(apply: Apply, tmp_path: Path) -> None:
    path = tmp_path / "config"
    args = {"scope": "file", "file": str(path), "name": "core.editor"}
    assert apply("git_config", check=True, value="vi", **args)["changed"] is True
    assert not path.exists()
    made = apply("git_config", value="vi", **args)
    assert (made["changed"], made["msg"], made["diff"]["after"]) == (True, "setting changed", "vi\n")
    assert apply("git_config", value="vi", **args)["changed"] is False
    assert apply("git_config", value="ed", **args)["diff"]["before"] == "vi\n"
    assert path.read_text().split() == ["[core]", "editor", "=", "ed"]
    assert apply("git_config", state="absent", **args)["changed"] is True
    assert apply("git_config", state="absent", **args)["msg"] == "no setting to unset"


def test_values_are_added_or_replaced(apply: Apply, tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    args = {"scope": "local", "repo": str(tmp_path), "name": "remote.o.fetch"}
    for value in ("a", "b"):
        assert apply("git_config", value=value, add_mode="add", **args)["changed"] is True
    assert apply("git_config", value="a", add_mode="add", **args)["changed"] is False
    replaced = apply("git_config", value="c", **args)
    assert (replaced["diff"]["before"], replaced["diff"]["after"]) == (["a", "b"], "c\n")


def test_what_makes_no_sense_is_refused(apply: Apply, tmp_path: Path) -> None:
    assert "missing: value" in apply("git_config", name="a.b")["msg"]
    assert "missing: repo" in apply("git_config", name="a.b", value="c", scope="local")["msg"]
    args = {"scope": "file", "file": str(tmp_path / "f"), "value": "x"}
    refused = apply("git_config", name="nodot", **args)
    assert "key does not contain a section" in refused["msg"]
