from __future__ import annotations

import hashlib
import os
import subprocess
from pathlib import Path

import pytest


def test_a_file(apply, tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_text("data")
    path.chmod(0o4640)
    found = apply("stat", path=str(path))["stat"]
    assert (found["exists"], found["isreg"], found["isdir"], found["mode"]) == (True, True, False, "4640")
    assert (found["size"], found["isuid"], found["woth"], found["rgrp"]) == (4, True, False, True)
    assert found["checksum"] == hashlib.sha1(b"data").hexdigest()
    assert {"pw_name", "gr_name", "mtime", "inode", "attr_flags", "mimetype", "readable"} <= set(found)
    again = apply("stat", path=str(path), checksum="sha256", get_mime=False, get_attributes=False)["stat"]
    assert again["checksum"] == hashlib.sha256(b"data").hexdigest()
    assert "mimetype" not in again
    assert "attributes" not in again
    assert "checksum" not in apply("stat", path=str(path), get_checksum=False)["stat"]


def test_nothing_and_links(apply, tmp_path: Path) -> None:
    assert apply("stat", path=str(tmp_path / "no")) == {"changed": False, "stat": {"exists": False}}
    assert apply("stat", path=str(tmp_path / "no/deeper"))["stat"] == {"exists": False}
    (tmp_path / "d").mkdir()
    (tmp_path / "l").symlink_to("d")
    found = apply("stat", path=str(tmp_path / "l"))["stat"]
    assert (found["islnk"], found["lnk_target"], found["lnk_source"]) == (True, "d", str(tmp_path / "d"))
    assert apply("stat", path=str(tmp_path / "l"), follow=True)["stat"]["isdir"] is True


def test_a_fifo_is_not_opened(apply, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "p")
    found = apply("stat", path=str(tmp_path / "p"))["stat"]
    assert found["isfifo"] is True
    assert "checksum" not in found


@pytest.mark.skipif(not Path("/usr/bin/lsattr").exists(), reason="needs lsattr to compare with")
def test_flags_are_those_of_lsattr(apply, tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.touch()
    told = subprocess.run(["lsattr", "-vd", str(path)], capture_output=True, text=True, check=False)
    found = apply("stat", path=str(path))["stat"]
    if told.returncode:
        assert (found["version"], found["attr_flags"]) == (None, "")
    else:
        version, flags = told.stdout.split()[:2]
        assert (found["version"], found["attr_flags"]) == (version, flags.replace("-", ""))
