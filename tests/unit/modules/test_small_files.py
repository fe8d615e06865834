from __future__ import annotations

import base64
import os
import stat
from pathlib import Path


def test_slurp_returns_the_content(apply, tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"\x00data")
    result = apply("slurp", src=str(path))
    assert (base64.b64decode(result["content"]), result["encoding"], result["source"]) == (
        b"\x00data",
        "base64",
        str(path),
    )
    part = apply("slurp", src=str(path), _offset=1, _length=2)
    assert (base64.b64decode(part["content"]), part["size"]) == (b"da", 5)


def test_slurp_names_what_it_cannot_read(apply, tmp_path: Path) -> None:
    assert apply("slurp", src=str(tmp_path / "no"))["msg"] == f"File not found: {tmp_path}/no"
    assert "is a directory and must be a file" in apply("slurp", src=str(tmp_path))["msg"]
    os.mkfifo(tmp_path / "p")
    assert "Not a regular file" in apply("slurp", src=str(tmp_path / "p"))["msg"]


def test_tempfile_makes_private_things(apply, tmp_path: Path) -> None:
    made = apply("tempfile", path=str(tmp_path), prefix="x.", suffix=".y")
    path = Path(made["path"])
    assert (made["changed"], made["state"], made["mode"]) == (True, "file", "0600")
    assert path.name.startswith("x.")
    assert path.name.endswith(".y")
    folder = apply("tempfile", path=str(tmp_path), state="directory")
    assert stat.S_IMODE(Path(folder["path"]).stat().st_mode) == 0o700
    assert apply("tempfile", path=str(tmp_path / "no"))["failed"] is True
    for key in ("prefix", "suffix"):
        assert (
            "must be a valid file name component"
            in apply("tempfile", path=str(tmp_path), **{key: "../x"})["msg"]
        )
