"""Configs and secrets on a host."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from orchestr8.remote.module import Call, Failure
from orchestr8.remote.modules.o8_files import MODULE

NAME, OTHER = "a" * 40, "b" * 40


def asked(root: Path, op: str, **more: Any) -> dict[str, Any]:
    args = {"op": op, "root": str(root), "project": "shop", "service": "web", "put": [], "names": [], **more}
    return MODULE().run(Call(args))


def file(name: str = NAME, **more: Any) -> dict[str, Any]:
    return {"name": name, "text": "hush", "mode": 0o400, "uid": os.getuid(), "gid": os.getgid(), **more}


def test_files_are_put_once_with_mode_and_owner_and_put_right(tmp_path: Path) -> None:
    answer = asked(tmp_path, "put", put=[file()])
    folder = tmp_path / "shop/web/files"
    assert answer == {"changed": True, "folder": str(folder)}
    path = folder / NAME
    assert (path.read_text(), path.stat().st_mode & 0o7777) == ("hush", 0o400)
    assert folder.stat().st_mode & 0o7777 == 0o700
    assert asked(tmp_path, "put", put=[file()])["changed"] is False
    path.chmod(0o644)
    path.write_text("other")
    assert asked(tmp_path, "put", put=[file()])["changed"] is True
    assert (path.read_text(), path.stat().st_mode & 0o7777) == ("hush", 0o400)
    assert os.listdir(folder) == [NAME]


def test_a_link_in_its_place_is_replaced_and_not_followed(tmp_path: Path) -> None:
    folder, victim = tmp_path / "shop/web/files", tmp_path / "victim"
    folder.mkdir(parents=True)
    victim.write_text("mine")
    (folder / NAME).symlink_to(victim)
    asked(tmp_path, "put", put=[file()])
    assert victim.read_text() == "mine"
    assert not (folder / NAME).is_symlink()


def test_only_some_are_kept(tmp_path: Path) -> None:
    assert asked(tmp_path, "keep")["changed"] is False
    asked(tmp_path, "put", put=[file(), file(OTHER)])
    assert asked(tmp_path, "keep", names=[OTHER])["changed"] is True
    assert os.listdir(tmp_path / "shop/web/files") == [OTHER]


@pytest.mark.parametrize("bad", [{"service": "../x"}, {"project": "/"}, {"put": [file("../../etc/passwd")]}])
def test_names_lead_nowhere_else(tmp_path: Path, bad: dict[str, Any]) -> None:
    with pytest.raises(Failure):
        asked(tmp_path, "put", **bad)
