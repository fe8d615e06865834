"""npm with the real program, on packages of this test alone: no registry is asked."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.skipif(not shutil.which("npm"), reason="npm is not installed")
Apply = Callable[..., dict[str, Any]]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, wants in (("dep", {}), ("project", {"dep": "file:../dep"})):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "package.json").write_text(
            json.dumps({"name": name, "version": "1.0.0", "dependencies": wants})
        )
    for key, value in {"offline": "true", "audit": "false", "cache": str(tmp_path / "cache")}.items():
        monkeypatch.setenv(f"npm_config_{key}", value)
    return tmp_path / "project"


def test_packages_of_a_project_come_and_go(apply: Apply, project: Path) -> None:
    where = {"path": str(project)}
    assert apply("npm", check=True, **where) == {"changed": True}
    assert not (project / "node_modules").exists()
    assert apply("npm", **where) == {"changed": True}
    assert (project / "node_modules/dep/package.json").is_file()
    assert apply("npm", **where) == {"changed": False}
    assert apply("npm", name="dep", version="1.0.0", **where) == {"changed": False}
    assert apply("npm", name="dep", state="absent", **where) == {"changed": True}
    assert not (project / "node_modules/dep").exists()
    assert apply("npm", name="dep", state="absent", **where) == {"changed": False}
    assert "ENOTCACHED" in apply("npm", name="o8-no-such-thing", **where)["msg"]


def test_what_makes_no_sense_is_refused(apply: Apply) -> None:
    assert apply("npm", name="x")["msg"] == "path must be specified when not using global"
    assert (
        "state is absent but all of the following are missing: name"
        in apply("npm", state="absent", path="/tmp")["msg"]
    )
