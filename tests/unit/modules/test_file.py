from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest


def mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def test_a_directory_is_made_with_its_parents(apply, tmp_path: Path) -> None:
    path = tmp_path / "a/b/c"
    assert apply("file", path=str(path), state="directory", mode="0750", check=True)["changed"] is True
    assert not (tmp_path / "a").exists()
    result = apply("file", path=str(path), state="directory", mode="0750")
    assert (result["changed"], result["mode"], result["state"]) == (True, "0750", "directory")
    assert mode(tmp_path / "a") == 0o750
    assert apply("file", path=str(path), state="directory", mode="0750")["changed"] is False


@pytest.mark.parametrize(
    ("start", "wanted", "end"),
    [
        (0o600, "u=rw,g=r,o=", 0o640),
        (0o644, "a+x", 0o755),
        (0o644, "a+X", 0o644),
        (0o744, "a+X", 0o755),
        (0o777, "go-rwx", 0o700),
        (0o640, "o=g", 0o644),
        (0o755, "u+s", 0o4755),
        (0o4755, "u=rwx", 0o755),
        (0o644, 0o600, 0o600),
        (0o644, "600", 0o600),
        (0o1777, "o-t", 0o777),
    ],
)
def test_modes_in_every_form(apply, tmp_path: Path, start: int, wanted: object, end: int) -> None:
    path = tmp_path / "f"
    path.touch()
    path.chmod(start)
    assert apply("file", path=str(path), mode=wanted, check=True)["changed"] is (start != end)
    assert mode(path) == start
    assert apply("file", path=str(path), mode=wanted)["changed"] is (start != end)
    assert mode(path) == end
    assert apply("file", path=str(path), mode=wanted)["changed"] is False


def test_a_wrong_mode_is_named(apply, tmp_path: Path) -> None:
    result = apply("file", path=str(tmp_path), mode="u=q")
    assert result["msg"] == "mode must be in octal or symbolic form"
    assert result["path"] == str(tmp_path)
    assert "only permission info" in apply("file", path=str(tmp_path), mode=0o100644)["msg"]


def test_absent_removes_files_links_and_trees(apply, tmp_path: Path) -> None:
    (tmp_path / "tree/sub").mkdir(parents=True)
    (tmp_path / "tree/sub/f").touch()
    (tmp_path / "link").symlink_to("tree")
    result = apply("file", path=str(tmp_path / "tree"), state="absent", check=True, diff=True)
    assert result["diff"]["before"]["path_content"]["files"] == [str(tmp_path / "tree/sub/f")]
    assert (tmp_path / "tree/sub/f").exists()
    assert apply("file", path=str(tmp_path / "link"), state="absent")["changed"] is True
    assert (tmp_path / "tree").is_dir()
    assert apply("file", path=str(tmp_path / "tree"), state="absent")["changed"] is True
    again = apply("file", path=str(tmp_path / "tree"), state="absent")
    assert again == {"path": str(tmp_path / "tree"), "changed": False, "state": "absent"}


def test_a_file_must_be_there(apply, tmp_path: Path) -> None:
    result = apply("file", path=str(tmp_path / "no"), state="file")
    assert result["msg"] == f"file ({tmp_path}/no) is absent, cannot continue"
    assert result["state"] == "absent"


def test_touch_makes_and_keeps(apply, tmp_path: Path) -> None:
    path = tmp_path / "f"
    assert apply("file", path=str(path), state="touch", check=True)["changed"] is True
    assert not path.exists()
    assert apply("file", path=str(path), state="touch", mode="0600")["mode"] == "0600"
    assert apply("file", path=str(path), state="touch")["changed"] is True
    keep = {"modification_time": "preserve", "access_time": "preserve"}
    assert apply("file", path=str(path), state="touch", **keep)["changed"] is False
    moment = {"modification_time": "202001020304.05", "access_time": "preserve"}
    assert apply("file", path=str(path), state="touch", **moment)["changed"] is True
    assert apply("file", path=str(path), state="touch", **moment)["changed"] is False
    assert "obtaining timestamp" in apply("file", path=str(path), state="touch", access_time="soon")["msg"]


def test_a_failed_touch_leaves_nothing(apply, tmp_path: Path) -> None:
    result = apply("file", path=str(tmp_path / "f"), state="touch", owner="nobody-of-that-name")
    assert "failed to look up user nobody-of-that-name" in result["msg"]
    assert not (tmp_path / "f").exists()


def test_an_account_that_does_not_exist_yet_is_a_warning_in_check_mode(apply, tmp_path: Path) -> None:
    result = apply("file", path=str(tmp_path), owner="nobody-of-that-name", check=True)
    assert result["changed"] is True
    assert "failed to look up user" in result["warnings"][0]


def test_symbolic_links(apply, tmp_path: Path) -> None:
    link = tmp_path / "link"
    args = {"path": str(link), "src": "target", "state": "link"}
    assert "src file does not exist" in apply("file", **args)["msg"]
    (tmp_path / "target").touch()
    assert apply("file", **args, check=True)["changed"] is True
    assert apply("file", **args)["changed"] is True
    assert apply("file", **args)["changed"] is False
    (tmp_path / "other").touch()
    result = apply("file", path=str(link), src="other", state="link", diff=True)
    assert result["diff"] == {
        "before": {"path": str(link), "src": "target"},
        "after": {"path": str(link), "src": "other"},
    }
    assert os.readlink(link) == "other"


def test_a_link_replaces_a_file_only_by_force(apply, tmp_path: Path) -> None:
    (tmp_path / "f").write_text("x")
    (tmp_path / "d").mkdir()
    (tmp_path / "d/f").touch()
    result = apply("file", path=str(tmp_path / "f"), src=str(tmp_path / "d"), state="link")
    assert result["msg"] == f"refusing to convert from file to symlink for {tmp_path}/f"
    assert apply("file", path=str(tmp_path / "f"), src=str(tmp_path / "d"), state="link", force=True)[
        "changed"
    ]
    full = apply("file", path=str(tmp_path / "d"), src="f", state="link", force=True)
    assert full["msg"] == f"the directory {tmp_path}/d is not empty, refusing to convert it"


def test_a_dangling_link_warns(apply, tmp_path: Path) -> None:
    args = {"path": str(tmp_path / "l"), "src": "/nowhere", "state": "link", "force": True}
    assert "non-existent symlink target" in apply("file", **args)["warnings"][0]
    assert "warnings" not in apply("file", **args, follow=False)


def test_hard_links(apply, tmp_path: Path) -> None:
    (tmp_path / "a").write_text("a")
    args = {"path": str(tmp_path / "b"), "src": str(tmp_path / "a"), "state": "hard"}
    assert apply("file", **args, check=True)["changed"] is True
    assert apply("file", **args)["changed"] is True
    assert (tmp_path / "b").samefile(tmp_path / "a")
    assert apply("file", **args)["changed"] is False
    (tmp_path / "c").write_text("c")
    other = {**args, "path": str(tmp_path / "c")}
    assert apply("file", **other)["msg"] == "Cannot link, file exists at destination"
    assert apply("file", **other, force=True)["changed"] is True
    assert (tmp_path / "c").samefile(tmp_path / "a")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a", "b", "c"]


def test_recursion_reaches_everything_once(apply, tmp_path: Path) -> None:
    (tmp_path / "d/sub").mkdir(parents=True)
    (tmp_path / "d/sub/f").touch()
    (tmp_path / "d/sub/loop").symlink_to(tmp_path / "d")
    args = {"path": str(tmp_path / "d"), "state": "directory", "mode": "u=rwX,go=", "recurse": True}
    assert apply("file", **args, check=True)["changed"] is True
    assert apply("file", **args)["changed"] is True
    assert (mode(tmp_path / "d/sub"), mode(tmp_path / "d/sub/f")) == (0o700, 0o600)
    assert apply("file", **args)["changed"] is False
    assert apply("file", path=str(tmp_path / "x"), state="touch", recurse=True)["failed"] is True


def test_the_diff_of_a_mode(apply, tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.touch()
    path.chmod(0o644)
    result = apply("file", path=str(path), mode="0600", diff=True, check=True)
    assert result["diff"] == {
        "before": {"path": str(path), "mode": "0644"},
        "after": {"path": str(path), "mode": "0600"},
    }


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_owner_and_group_by_name_and_number(apply, tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.touch()
    result = apply("file", path=str(path), owner="nobody", group="12345")
    assert (result["owner"], result["gid"]) == ("nobody", 12345)
    assert apply("file", path=str(path), owner=str(result["uid"]), group="12345")["changed"] is False


def test_in_check_mode_an_unknown_owner_is_only_warned_of(apply, tmp_path: Path) -> None:
    result = apply("file", path=str(tmp_path / "x"), state="touch", owner="nobody-of-that-name", check=True)
    assert result["warnings"] == [
        "failed to look up user nobody-of-that-name. Create it before this point in a real run"
    ]


def test_a_name_too_long_is_absent(apply, tmp_path: Path) -> None:
    assert apply("file", path=str(tmp_path / ("n" * 300)), state="absent")["changed"] is False
