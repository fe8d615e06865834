from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="this machine has no git")


def git(folder: Path, *words: str) -> str:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
    done = subprocess.run(
        ["git", "-C", str(folder), *identity, *words], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def commit(folder: Path, content: str) -> str:
    (folder / "f").write_text(content)
    git(folder, "add", "f")
    git(folder, "commit", "-q", "-m", content)
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture
def origin(tmp_path: Path) -> Path:
    folder = tmp_path / "origin"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "trunk")
    commit(folder, "one")
    git(folder, "tag", "-m", "first", "v1")
    return folder


def test_clone_then_follow(apply, origin: Path, tmp_path: Path) -> None:
    args = {"repo": str(origin), "dest": str(tmp_path / "a" / "clone")}
    first = git(origin, "rev-parse", "HEAD")
    predicted = apply("git", check=True, **args)
    assert (predicted["changed"], predicted["after"]) == (True, first)
    assert not (tmp_path / "a").exists()
    result = apply("git", **args)
    assert (result["changed"], result["before"], result["after"]) == (True, None, first)
    assert apply("git", **args)["changed"] is False
    second = commit(origin, "two")
    assert apply("git", check=True, **args)["after"] == second
    assert apply("git", update=False, **args)["changed"] is False
    result = apply("git", **args)
    assert (result["changed"], result["before"], result["after"]) == (True, first, second)
    assert (tmp_path / "a/clone/f").read_text() == "two"


def test_tags_branches_and_commits(apply, origin: Path, tmp_path: Path) -> None:
    dest = tmp_path / "clone"
    args = {"repo": str(origin), "dest": str(dest)}
    first = git(origin, "rev-parse", "HEAD")
    second = commit(origin, "two")
    assert apply("git", version="v1", **args)["after"] == first
    assert apply("git", version="v1", **args)["changed"] is False
    assert apply("git", version=second, **args)["after"] == second
    assert apply("git", version=second, **args)["changed"] is False
    git(origin, "checkout", "-q", "-b", "side")
    third = commit(origin, "three")
    assert apply("git", version="side", **args)["after"] == third
    assert git(dest, "symbolic-ref", "--short", "HEAD") == "side"
    missing = apply("git", version="no-such", **args)
    assert missing["failed"] is True
    assert "no-such" in missing["msg"]


def test_local_changes_are_kept_unless_forced(apply, origin: Path, tmp_path: Path) -> None:
    dest = tmp_path / "clone"
    args = {"repo": str(origin), "dest": str(dest)}
    apply("git", **args)
    (dest / "f").write_text("mine")
    assert "Local modifications exist" in apply("git", **args)["msg"]
    assert (dest / "f").read_text() == "mine"
    assert apply("git", force=True, **args)["changed"] is True
    assert (dest / "f").read_text() == "one"
    assert apply("git", force=True, **args)["changed"] is False


def test_shallow_and_bare(apply, origin: Path, tmp_path: Path) -> None:
    commit(origin, "two")
    url = f"file://{origin}"
    apply("git", repo=url, dest=str(tmp_path / "shallow"), depth=1)
    assert git(tmp_path / "shallow", "rev-list", "--count", "HEAD") == "1"
    third = commit(origin, "three")
    assert apply("git", repo=url, dest=str(tmp_path / "shallow"), depth=1)["after"] == third
    assert apply("git", repo=url, dest=str(tmp_path / "bare"), bare=True)["changed"] is True
    assert apply("git", repo=url, dest=str(tmp_path / "bare"), bare=True)["changed"] is False
    fourth = commit(origin, "four")
    assert apply("git", repo=url, dest=str(tmp_path / "bare"), bare=True)["after"] == fourth


def test_another_remote(apply, origin: Path, tmp_path: Path) -> None:
    dest = tmp_path / "clone"
    apply("git", repo=str(origin), dest=str(dest))
    shutil.copytree(origin, tmp_path / "moved")
    result = apply("git", repo=str(tmp_path / "moved"), dest=str(dest))
    assert (result["changed"], result["remote_url_changed"]) == (True, True)
    assert apply("git", repo=str(tmp_path / "moved"), dest=str(dest))["changed"] is False


def test_what_git_must_not_take_for_an_option(apply, tmp_path: Path) -> None:
    assert (
        "must not start with a dash" in apply("git", repo="--upload-pack=x", dest=str(tmp_path / "a"))["msg"]
    )
    gone = apply("git", repo=str(tmp_path / "none"), dest=str(tmp_path / "a"))
    assert gone["msg"].startswith("Failed to read the remote repository: ")


def test_an_archive_follows_the_version(apply, origin: Path, tmp_path: Path) -> None:
    packed = tmp_path / "a.tar.gz"
    args = {
        "repo": str(origin),
        "dest": str(tmp_path / "clone"),
        "archive": str(packed),
        "archive_prefix": "it/",
    }
    assert apply("git", **args)["changed"] is True
    assert subprocess.run(["tar", "tzf", packed], capture_output=True, text=True).stdout.split() == [
        "it/",
        "it/f",
    ]
    before = packed.read_bytes()
    assert apply("git", **args)["changed"] is False
    assert packed.read_bytes() == before
    commit(origin, "two")
    assert apply("git", **args)["changed"] is True
    assert packed.read_bytes() != before
    assert "extension" in apply("git", **{**args, "archive": str(tmp_path / "a.rar")})["msg"]
    bare = {"repo": str(origin), "dest": str(tmp_path / "clone"), "archive_prefix": "x/"}
    assert "required by 'archive_prefix': archive" in apply("git", **bare)["msg"]


def test_a_repository_apart_from_its_work_tree(apply, origin: Path, tmp_path: Path) -> None:
    apart, dest = tmp_path / "apart", tmp_path / "clone"
    args = {"repo": str(origin), "dest": str(dest)}
    assert apply("git", separate_git_dir=str(apart), **args)["changed"] is True
    assert (apart / "HEAD").exists()
    assert apply("git", separate_git_dir=str(apart), **args)["changed"] is False
    other = tmp_path / "other"
    moved = apply("git", separate_git_dir=str(other), **args)
    assert (moved["changed"], moved["git_dir_before"], moved["git_dir_now"]) == (True, str(apart), str(other))
    assert git(dest, "status", "--porcelain") == ""
    assert apply("git", separate_git_dir=str(other), **args)["changed"] is False


def test_a_version_is_told_without_a_clone(apply, origin: Path) -> None:
    result = apply("git", repo=str(origin), clone=False)
    assert result["after"] == git(origin, "rev-parse", "HEAD")
    assert "destination directory" in apply("git", repo=str(origin))["msg"]


def test_the_difference_of_versions_is_told(apply, origin: Path, tmp_path: Path) -> None:
    args = {"repo": str(origin), "dest": str(tmp_path / "clone")}
    assert apply("git", diff=True, **args)["diff"]["prepared"].startswith(">> Newly checked out ")
    commit(origin, "two")
    assert "\n+two" in apply("git", diff=True, **args)["diff"]["prepared"]
    assert "diff" not in apply("git", diff=True, **args)


def test_what_is_there_already_is_verified_too(apply, origin: Path, tmp_path: Path) -> None:
    args = {"repo": str(origin), "dest": str(tmp_path / "clone")}
    apply("git", **args)
    refused = apply("git", verify_commit=True, **args)
    assert refused["msg"] == 'Failed to verify GPG signature of commit/tag "HEAD"'


def test_a_depth_is_kept_for_a_path_of_the_host(apply, origin: Path, tmp_path: Path) -> None:
    commit(origin, "two")
    dest = tmp_path / "clone"
    apply("git", repo=str(origin), dest=str(dest), depth=1)
    assert git(dest, "rev-list", "--count", "HEAD") == "1"
    assert apply("git", repo=str(origin), dest=str(dest), depth=1)["changed"] is False
