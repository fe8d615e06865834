"""synchronize: rsync's command line out of a task and the host's connection."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from orchestr8.actions.synchronize import run, words
from orchestr8.core.errors import HostFailed
from orchestr8.engine.ports import Become, Request
from orchestr8.engine.work import Work
from orchestr8.template.scope import Scope
from orchestr8.template.templar import Templar


class Files:
    """Finds files in one folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def find(self, name: str, folder: str) -> str:
        return str(self.root / folder / name)


def work(root: Path, variables: dict[str, Any], *, become: Become | None = None, **args: Any) -> Work:
    given: Any = SimpleNamespace(span=None)
    return Work(
        task=given,
        host="web1",
        target="web1",
        args=args,
        scope=Scope(variables),
        templar=Templar(),
        files=Files(root),
        connection=lambda: given,
        request=lambda module, values: Request(module, values, become=become),
        check=bool(args.pop("check", False)),
    )


def test_a_push_over_ssh(tmp_path: Path) -> None:
    variables = {
        "ansible_host": "10.0.0.1",
        "ansible_user": "ann",
        "ansible_port": 2222,
        "ansible_ssh_common_args": "-o 'ProxyCommand=nc %h %p'",
    }
    argv = words(work(tmp_path, variables, src="site/", dest="/srv/site", delete=True, perms=False))
    assert argv[:6] == ["rsync", "--archive", "--compress", "--delete-after", "--delay-updates", "--no-perms"]
    rsh = next(word for word in argv if word.startswith("--rsh="))
    assert rsh.endswith("-p 2222 -o 'ProxyCommand=nc %h %p'")
    assert argv[-3:] == ["--", f"{tmp_path}/files/site/", "ann@10.0.0.1:/srv/site"]


def test_a_pull_as_somebody_else_in_check_mode(tmp_path: Path) -> None:
    argv = words(
        work(
            tmp_path, {"ansible_host": "fe80::1"}, become=Become(user="www data"),
            src="/srv/", dest="/tmp/x", mode="pull", check=True, archive=False, compress=False,
        )
    )  # fmt: skip
    assert "--dry-run" in argv
    assert "--archive" not in argv
    assert "--rsync-path=sudo -n -u 'www data' rsync" in argv
    assert argv[-2:] == ["[fe80::1]:/srv/", "/tmp/x"]


def test_without_a_connection_it_is_a_copy_here(tmp_path: Path) -> None:
    argv = words(work(tmp_path, {"ansible_connection": "local"}, src="/a/", dest="/b"))
    assert argv[-3:] == ["--", "/a/", "/b"]
    assert not any(word.startswith("--rsh") for word in argv)


def test_a_missing_rsync_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "environ", {**os.environ, "PATH": str(tmp_path)})
    with pytest.raises(HostFailed, match="needs rsync on the controller"):
        run(work(tmp_path, {}, src="/a", dest="/b"))
