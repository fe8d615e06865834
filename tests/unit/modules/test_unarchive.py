from __future__ import annotations

import io
import os
import tarfile
import zipfile
from pathlib import Path

import pytest


def tar(path: Path, *members: tuple[str, bytes | str], mode: str = "w:gz") -> str:
    """A str is a link's target, b"" with a slash at the name's end a folder."""
    with tarfile.open(path, mode) as archive:
        for name, content in members:
            info = tarfile.TarInfo(name.rstrip("/"))
            info.mtime, info.uid, info.gid = 1_000_000_000, os.getuid(), os.getgid()
            if name.endswith("/"):
                info.type, info.mode = tarfile.DIRTYPE, 0o755
            elif isinstance(content, str):
                info.type, info.linkname = tarfile.SYMTYPE, content
            else:
                info.size, info.mode = len(content), 0o640
            archive.addfile(info, io.BytesIO(content if isinstance(content, bytes) else b""))
    return str(path)


@pytest.fixture
def dest(tmp_path: Path) -> Path:
    (tmp_path / "dest").mkdir()
    return tmp_path / "dest"


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
def test_a_tar_is_unpacked_once(apply, dest: Path, tmp_path: Path, mode: str) -> None:
    src = tar(tmp_path / "a", ("./d/", b""), ("d/f", b"one"), ("d/l", "f"), mode=mode)
    args = {"src": src, "dest": str(dest), "remote_src": True, "list_files": True}
    assert apply("unarchive", check=True, **args)["changed"] is True
    assert list(dest.iterdir()) == []
    result = apply("unarchive", **args)
    assert (result["changed"], result["handler"], result["files"]) == (
        True,
        "TgzArchive" if mode == "w:gz" else "TarArchive",
        ["d/", "d/f", "d/l"],
    )
    assert (dest / "d/l").read_text() == "one"
    assert (dest / "d/f").stat().st_mode & 0o777 == 0o640
    assert (dest / "d/f").stat().st_mtime == 1_000_000_000
    assert apply("unarchive", **args)["changed"] is False
    (dest / "d/f").write_text("changed")
    assert apply("unarchive", keep_newer=True, **args)["changed"] is False
    assert apply("unarchive", diff=True, **args)["diff"] == {"prepared": "d/f"}
    assert (dest / "d/f").read_text() == "one"


def test_a_zip_from_the_controller(apply, dest: Path) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("d/f", "one")
        archive.writestr("skip/f", "two")
    args = {"src": "a.zip", "dest": str(dest), "blob": stream.getvalue(), "exclude": ["skip"], "mode": "0600"}
    result = apply("unarchive", **args)
    assert (result["changed"], result["handler"]) == (True, "ZipArchive")
    assert (dest / "d/f").stat().st_mode & 0o777 == 0o600
    assert not (dest / "skip").exists()
    assert apply("unarchive", **args)["changed"] is False


@pytest.mark.parametrize(
    "members",
    [
        [("good", b"x"), ("../out", b"x")],
        [("good", b"x"), ("/etc/out", b"x")],
        [("good", b"x"), ("d/../../out", b"x")],
        [("good", b"x"), ("link", "/etc"), ("link/out", b"x")],
        [("good", b"x"), ("link", ".."), ("link/out", b"x")],
        [("good", b"x"), ("link", "good"), ("link/out", b"x")],
        [("good", b"x"), ("d/link", "../../out")],
    ],
)
def test_members_that_lead_out_stop_everything(
    apply, dest: Path, tmp_path: Path, members: list[tuple[str, bytes | str]]
) -> None:
    result = apply("unarchive", src=tar(tmp_path / "a", *members), dest=str(dest), remote_src=True)
    assert result["msg"].startswith("the archive is refused, nothing was unpacked: ")
    assert list(dest.iterdir()) == []
    assert not (tmp_path / "out").exists()


def test_a_link_on_the_host_does_not_lead_out(apply, dest: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (dest / "d").symlink_to(tmp_path / "elsewhere")
    result = apply("unarchive", src=tar(tmp_path / "a", ("d/f", b"x")), dest=str(dest), remote_src=True)
    assert "through a symbolic link" in result["msg"]
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_link_in_the_place_of_a_file_is_replaced(apply, dest: Path, tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("kept")
    (dest / "f").symlink_to(tmp_path / "kept")
    apply("unarchive", src=tar(tmp_path / "a", ("f", b"x")), dest=str(dest), remote_src=True)
    assert (tmp_path / "kept").read_text() == "kept"
    assert (dest / "f").read_text() == "x"


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:xz"])
@pytest.mark.parametrize("part", [0.1, 0.5, 0.9])
def test_a_damaged_archive_leaves_the_old_file(
    apply, dest: Path, tmp_path: Path, mode: str, part: float
) -> None:
    (dest / "f").write_text("old")
    whole = Path(tar(tmp_path / "whole", ("f", os.urandom(90000)), mode=mode)).read_bytes()
    (tmp_path / "cut").write_bytes(whole[: int(len(whole) * part)])
    result = apply("unarchive", src=str(tmp_path / "cut"), dest=str(dest), remote_src=True)
    assert result["failed"] is True
    assert [one.name for one in dest.iterdir()] == ["f"]
    assert (dest / "f").read_text() == "old"


def test_what_cannot_be_unpacked(apply, dest: Path, tmp_path: Path) -> None:
    def said(**args: object) -> str:
        return str(apply("unarchive", **{"dest": str(dest), "remote_src": True, **args})["msg"])

    (tmp_path / "empty").touch()
    (tmp_path / "text").write_text("no archive")
    os.mkfifo(tmp_path / "fifo")
    assert "0 bytes" in said(src=str(tmp_path / "empty"))
    assert "no tar or zip archive" in said(src=str(tmp_path / "text"))
    assert "not readable" in said(src=str(tmp_path / "fifo"))
    assert "does not exist" in said(src=str(tmp_path / "none"))
    assert "is not a directory" in said(src=str(tmp_path / "text"), dest=str(tmp_path / "none"))
    assert apply("unarchive", src="/x", dest=str(dest), creates="/")["changed"] is False


@pytest.mark.parametrize("words", [["--strip-components=1"], ["--strip-components", "1"], ["--strip 1 -o"]])
def test_the_first_folders_are_taken_off(apply, dest: Path, tmp_path: Path, words: list[str]) -> None:
    src = tar(
        tmp_path / "a", ("app-1.2/", b""), ("app-1.2/bin/app", b"one"), ("app-1.2/l", "bin/app"), ("x", b"")
    )
    args = {"src": src, "dest": str(dest), "remote_src": True, "list_files": True}
    result = apply("unarchive", extra_opts=[*words, "--no-same-owner", "--exclude=*.md"], **args)
    assert (result["changed"], result["files"]) == (True, ["bin/app", "l"])
    assert ((dest / "bin/app").read_text(), os.readlink(dest / "l")) == ("one", "bin/app")
    assert apply("unarchive", extra_opts=words, **args)["changed"] is False


def test_what_is_left_of_a_name_leads_nowhere_else(apply, dest: Path, tmp_path: Path) -> None:
    src = tar(tmp_path / "a", ("a/b/../../../out", b"one"))
    args = {"src": src, "dest": str(dest), "remote_src": True}
    assert "leads out of the folder" in apply("unarchive", extra_opts=["--strip-components=2"], **args)["msg"]
    assert (
        "`--transform` has no meaning" in apply("unarchive", extra_opts=["--transform=s/a/b/"], **args)["msg"]
    )
    assert not (tmp_path / "out").exists()
