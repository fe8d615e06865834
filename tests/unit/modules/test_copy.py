from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path


def sha1(data: bytes) -> str:
    return hashlib.sha1(data).hexdigest()


def test_it_writes_the_content_and_reports_it(apply, tmp_path: Path) -> None:
    dest = tmp_path / "motd"
    result = apply(
        "copy", dest=str(dest), blob=b"hello\n", checksum=sha1(b"hello\n"), mode="0640", src="motd"
    )
    assert result["changed"] is True
    assert dest.read_bytes() == b"hello\n"
    assert (result["mode"], result["size"], result["state"]) == ("0640", 6, "file")
    assert result["checksum"] == sha1(b"hello\n")
    assert result["md5sum"] == hashlib.md5(b"hello\n").hexdigest()
    again = apply("copy", dest=str(dest), blob=b"hello\n", checksum=sha1(b"hello\n"), mode="0640", src="motd")
    assert again["changed"] is False


def test_it_asks_for_content_only_when_the_host_differs(apply, tmp_path: Path) -> None:
    dest = tmp_path / "big"
    dest.write_bytes(b"same")
    assert apply("copy", dest=str(dest), checksum=sha1(b"same"), src="big")["changed"] is False
    assert apply("copy", dest=str(dest), checksum=sha1(b"other"), src="big") == {
        "changed": False,
        "wants_content": True,
    }
    predicted = apply("copy", dest=str(dest), checksum=sha1(b"other"), src="big", check=True)
    assert predicted["changed"] is True
    assert dest.read_bytes() == b"same"


def test_an_empty_file_needs_no_content(apply, tmp_path: Path) -> None:
    assert apply("copy", dest=str(tmp_path / "empty"), checksum=sha1(b""), src="empty")["changed"] is True
    assert (tmp_path / "empty").read_bytes() == b""


def test_content_that_was_cut_on_the_way_is_refused(apply, tmp_path: Path) -> None:
    result = apply("copy", dest=str(tmp_path / "f"), checksum=sha1(b"whole"), blob=b"who", src="f")
    assert result["msg"] == "Copied file does not match the expected checksum. Transfer failed."
    assert not (tmp_path / "f").exists()


def test_a_new_file_takes_the_umask_and_a_replaced_one_keeps_its_mode(apply, tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        apply("copy", dest=str(tmp_path / "new"), content="x")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o640
    (tmp_path / "new").chmod(0o751)
    apply("copy", dest=str(tmp_path / "new"), content="y")
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o751


def test_an_existing_file_stays_without_force(apply, tmp_path: Path) -> None:
    dest = tmp_path / "f"
    dest.write_text("mine")
    result = apply("copy", dest=str(dest), content="theirs", force=False)
    assert (result["changed"], result["msg"]) == (False, "file already exists")
    assert dest.read_text() == "mine"


def test_a_directory_takes_the_source_name(apply, tmp_path: Path) -> None:
    result = apply(
        "copy",
        dest=str(tmp_path),
        src="files/app.conf",
        _original_basename="app.conf",
        blob=b"a",
        checksum=sha1(b"a"),
    )
    assert result["dest"] == str(tmp_path / "app.conf")


def test_a_slash_makes_directories_with_the_directory_mode(apply, tmp_path: Path) -> None:
    args = {
        "dest": f"{tmp_path}/a/b/",
        "_original_basename": "c/f",
        "checksum": sha1(b"z"),
        "directory_mode": "0711",
    }
    assert apply("copy", **args, check=True)["changed"] is True
    assert not (tmp_path / "a").exists()
    assert apply("copy", **args, blob=b"z")["dest"] == f"{tmp_path}/a/b/c/f"
    assert (tmp_path / "a/b/c/f").read_bytes() == b"z"
    assert {stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("a", "a/b", "a/b/c")} == {0o711}


def test_content_with_a_directory_is_refused(apply, tmp_path: Path) -> None:
    assert apply("copy", dest=str(tmp_path), content="x")["msg"] == "can not use content with a dir as dest"


def test_a_missing_directory_is_named(apply, tmp_path: Path) -> None:
    result = apply("copy", dest=str(tmp_path / "no/f"), content="x")
    assert result["msg"] == f"Destination directory {tmp_path}/no does not exist"


def test_a_link_is_replaced_or_followed(apply, tmp_path: Path) -> None:
    (tmp_path / "target").write_text("old")
    (tmp_path / "link").symlink_to("target")
    result = apply("copy", dest=str(tmp_path / "link"), content="new", follow=True)
    assert result["dest"] == str(tmp_path / "target")
    assert ((tmp_path / "target").read_text(), (tmp_path / "link").is_symlink()) == ("new", True)
    apply("copy", dest=str(tmp_path / "link"), content="new")
    assert not (tmp_path / "link").is_symlink()
    assert apply("copy", dest=str(tmp_path / "link"), content="new")["changed"] is False


def test_validation_sees_the_new_file_and_protects_the_old(apply, tmp_path: Path) -> None:
    dest = tmp_path / "app.conf"
    dest.write_text("good")
    bad = apply("copy", dest=str(dest), content="bad", validate="grep -q good %s")
    assert (bad["failed"], bad["exit_status"], dest.read_text()) == (True, 1, "good")
    assert apply("copy", dest=str(dest), content="good 2", validate="grep -q good %s")["changed"] is True
    assert [p.name for p in tmp_path.iterdir()] == ["app.conf"]
    assert "must contain %s" in apply("copy", dest=str(dest), content="x", validate="true")["msg"]


def test_a_backup_keeps_the_old_content(apply, tmp_path: Path) -> None:
    dest = tmp_path / "f"
    dest.write_text("1")
    first = apply("copy", dest=str(dest), content="2", backup=True)["backup_file"]
    second = apply("copy", dest=str(dest), content="3", backup=True)["backup_file"]
    assert (Path(first).read_text(), Path(second).read_text()) == ("1", "2")


def test_the_original_is_whole_when_the_disk_is_full(apply, tmp_path: Path) -> None:
    import resource
    import signal

    dest = tmp_path / "f"
    dest.write_text("old")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    try:
        result = apply("copy", dest=str(dest), content="x" * 5000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert result["failed"] is True
    assert str(dest) in result["msg"]
    assert dest.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["f"]


def test_the_diff_shows_text_and_hides_binary(apply, tmp_path: Path) -> None:
    dest = tmp_path / "f"
    dest.write_text("a\n")
    shown = apply("copy", dest=str(dest), content="b\n", diff=True, check=True)["diff"]
    assert shown == {"before_header": str(dest), "after_header": str(dest), "before": "a\n", "after": "b\n"}
    shown = apply("copy", dest=str(dest), src="x", checksum=sha1(b"\0"), blob=b"\0", diff=True)["diff"]
    assert shown["src_binary"] == 1
    assert "after" not in shown


def test_a_fifo_never_blocks_and_a_device_stays(apply, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert apply("copy", dest=str(tmp_path / "pipe"), content="x")["changed"] is True
    assert (tmp_path / "pipe").read_text() == "x"
    assert "is a device" in apply("copy", dest="/dev/null", content="x")["msg"]
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)


def test_a_file_of_the_host_is_copied_with_its_times(apply, tmp_path: Path) -> None:
    src = tmp_path / "src"
    src.write_text("data")
    src.chmod(0o700)
    os.utime(src, (1000, 2000))
    dest = tmp_path / "dest"
    assert apply("copy", src=str(src), dest=str(dest), remote_src=True, mode="preserve")["mode"] == "0700"
    assert dest.stat().st_mtime == 2000
    assert apply("copy", src=str(src), dest=str(dest), remote_src=True, mode="preserve")["changed"] is False
    assert apply("copy", src=str(tmp_path / "no"), dest=str(dest), remote_src=True)["msg"].endswith(
        "not found"
    )


def test_a_tree_of_the_host_is_copied(apply, tmp_path: Path) -> None:
    src = tmp_path / "src"
    (src / "sub").mkdir(parents=True)
    (src / "sub/f").write_text("f")
    (src / "link").symlink_to("sub/f")
    args = {"src": str(src), "dest": str(tmp_path / "dest"), "remote_src": True}
    assert apply("copy", **args, check=True)["changed"] is True
    assert not (tmp_path / "dest").exists()
    assert apply("copy", **args)["changed"] is True
    assert (tmp_path / "dest/src/sub/f").read_text() == "f"
    assert os.readlink(tmp_path / "dest/src/link") == "sub/f"
    assert apply("copy", **args)["changed"] is False
    assert apply("copy", **args, check=True)["changed"] is False
    apply("copy", **{**args, "src": f"{src}/", "dest": str(tmp_path / "flat")})
    assert (tmp_path / "flat/sub/f").read_text() == "f"
