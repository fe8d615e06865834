"""subversion on a repository of files; skipped where svn is missing."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(shutil.which("svn") is None, reason="svn is not installed")


def _svn(*words: str) -> None:
    subprocess.run(["svn", "-q", *words], check=True)


@pytest.fixture
def repo(tmp_path: Path) -> str:
    subprocess.run(["svnadmin", "create", str(tmp_path / "repo")], check=True)
    url = f"file://{tmp_path}/repo"
    _svn("mkdir", "-m", "begin", f"{url}/trunk")
    return url


def test_a_working_copy_follows_its_repository(apply, repo: str, tmp_path: Path) -> None:
    dest = tmp_path / "copy"
    assert apply("subversion", repo=repo, dest=str(dest), check=True) == {"changed": True}
    first = apply("subversion", repo=repo, dest=str(dest))
    assert (first["changed"], first["before"]) == (True, None)
    assert first["after"] == ["Revision: 1", f"URL: {repo}"]
    assert apply("subversion", repo=repo, dest=str(dest))["changed"] is False
    _svn("mkdir", "-m", "more", f"{repo}/tags")
    assert apply("subversion", repo=repo, dest=str(dest), check=True)["changed"] is True
    assert apply("subversion", repo=repo, dest=str(dest))["after"][0] == "Revision: 2"
    assert (dest / "tags").is_dir()
    exported = apply("subversion", repo=repo, dest=str(tmp_path / "plain"), export=True)
    assert exported == {"changed": True}
    assert not (tmp_path / "plain/.svn").exists()
    asked = apply("subversion", repo=repo, checkout=False, update=False)
    assert asked == {"changed": False, "after": "Revision: 2"}


def test_local_changes_stop_an_update_unless_forced(apply, repo: str, tmp_path: Path) -> None:
    dest = tmp_path / "copy"
    apply("subversion", repo=repo, dest=str(dest))
    (dest / "trunk/new").write_text("x")
    _svn("add", str(dest / "trunk/new"))
    assert "modified files exist" in apply("subversion", repo=repo, dest=str(dest))["msg"]
    assert apply("subversion", repo=repo, dest=str(dest), force=True)["changed"] is True
    assert "not a subversion repository" in apply("subversion", repo=repo, dest=str(tmp_path))["msg"]
    assert "dash" in apply("subversion", repo="--x", dest=str(dest))["msg"]
