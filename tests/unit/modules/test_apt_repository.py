from __future__ import annotations

from pathlib import Path

import pytest

from orchestr8.remote.modules.apt_repository import normal, suggested

LINE = "deb [arch=amd64] https://me@mirror.example/debian/ stable main contrib"


def test_a_line_comes_and_goes(apply, tmp_path: Path) -> None:
    path = tmp_path / "own.list"
    path.write_text("# mine\ndeb http://other/ a b")
    args = {"repo": LINE, "filename": str(path), "update_cache": False}
    assert apply("apt_repository", check=True, **args)["changed"] is True
    result = apply("apt_repository", **args)
    assert result["diff"][0]["after"] == f"# mine\ndeb http://other/ a b\n{LINE}\n"
    assert path.read_text().endswith(f"{LINE}\n")
    spaced = LINE.replace(" ", "   ") + "  # comment"
    assert apply("apt_repository", **{**args, "repo": spaced})["changed"] is False
    assert apply("apt_repository", state="absent", **args)["changed"] is True
    assert path.read_text() == "# mine\ndeb http://other/ a b\n"
    assert apply("apt_repository", state="absent", **args)["changed"] is False


def test_a_file_that_holds_nothing_goes(apply, tmp_path: Path) -> None:
    path = tmp_path / "own.list"
    args = {"repo": LINE, "filename": str(path), "update_cache": False}
    assert apply("apt_repository", mode="0600", **args)["sources_added"] == [str(path)]
    assert path.stat().st_mode & 0o777 == 0o600
    assert apply("apt_repository", state="absent", **args)["sources_removed"] == [str(path)]
    assert not path.exists()


def test_names_and_lines() -> None:
    assert suggested(normal(LINE)) == "mirror_example_debian"
    assert normal("# deb http://x y z") is None
    assert normal("deb http://x ./") == "deb http://x ./"


@pytest.mark.parametrize("line", ["ppa:a/b", "nonsense", "deb http://only"])
def test_what_is_no_repository(apply, line: str) -> None:
    assert apply("apt_repository", repo=line)["msg"].startswith("Invalid repository string: ")
