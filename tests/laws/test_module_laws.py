"""What holds for every module: a module that is added is held to it the day it is there."""

from __future__ import annotations

import ast
import importlib
import os
import sys
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import orchestr8.remote.modules as package
from orchestr8.remote.arguments import checked, converted
from orchestr8.remote.module import Arg, Call, Module

FOLDER = Path(package.__path__[0])
NAMES = sorted(path.stem for path in FOLDER.glob("*.py") if path.stem != "__init__")
REMOTE = sorted(FOLDER.parent.rglob("*.py"))
TYPES = {"str", "bool", "int", "float", "list", "dict", "path", "raw", "bits", "bytes"}

Prepare = Callable[[Path], dict[str, Any]]


def _written(path: Path, content: str) -> str:
    path.write_text(content)
    return str(path)


def _fragments(root: Path) -> Path:
    (root / "parts").mkdir(exist_ok=True)
    _written(root / "parts/1", "one\n")
    return root / "parts"


def _packed(root: Path) -> str:
    with tarfile.open(root / "a.tar", "w") as archive:
        archive.addfile(tarfile.TarInfo("one/two"))
    return str(root / "a.tar")


# Arguments that change something below the folder, for modules that can be tried without a host of their own.
CASES: dict[str, Prepare] = {
    "file": lambda root: {"path": str(root / "folder"), "state": "directory", "mode": "0750"},
    "lineinfile": lambda root: {"path": _written(root / "f", "a=1\nb=2\n"), "regexp": "^a=", "line": "a=3"},
    "blockinfile": lambda root: {"path": _written(root / "f", "a\n"), "block": "one\ntwo"},
    "replace": lambda root: {"path": _written(root / "f", "a a\n"), "regexp": "a", "replace": "b"},
    "copy": lambda root: {"dest": str(root / "f"), "content": "text\n", "mode": "0640"},
    "assemble": lambda root: {"src": str(_fragments(root)), "dest": str(root / "whole")},
    "known_hosts": lambda root: {
        "path": str(root / "known"),
        "name": "host.example",
        "key": "host.example ssh-ed25519 "
        "AAAAC3NzaC1lZDI1NTE5AAAAIGtGZ2f2M4Z9OZb6Pq0nS1n4mNn0yfYq8y5sVb0k0c1d",
    },
    "cron": lambda root: {"name": "job", "cron_file": str(root / "jobs"), "job": "/bin/true", "hour": "3"},
    "unarchive": lambda root: {"src": _packed(root), "dest": str(root), "remote_src": True},
    "apt_repository": lambda root: {
        "repo": "deb http://mirror.example/debian stable main",
        "filename": str(root / "mirror.list"),
        "update_cache": False,
    },
    "ini_file": lambda root: {
        "path": _written(root / "f", "[a]\nb = 1\n"),
        "section": "a",
        "option": "b",
        "value": "2",
    },
    "sysctl": lambda root: {"name": "a.b", "value": "1", "sysctl_file": str(root / "f"), "reload": False},
    "pam_limits": lambda root: {
        "domain": "*",
        "limit_type": "soft",
        "limit_item": "core",
        "value": "0",
        "dest": str(root / "f"),
    },
    "mount": lambda root: {
        "path": str(root / "on"),
        "src": "/dev/x",
        "fstype": "ext4",
        "state": "present",
        "fstab": str(root / "f"),
    },
}
# Arguments under which a module only reads, so that nothing ever changes.
READS: dict[str, dict[str, Any]] = {
    "ping": {},
    "setup": {"gather_subset": ["!all"]},
    "stat": {"path": "/"},
    "find": {"paths": ["/etc"], "patterns": ["passwd"]},
    "slurp": {"src": "/etc/passwd"},
    "getent": {"database": "passwd", "key": "root"},
    "group": {"name": "root"},
    "user": {"name": "root", "create_home": False},
}


def module_of(name: str) -> Module:
    kind: Module = importlib.import_module(f"orchestr8.remote.modules.{name}").MODULE()
    return kind


def seen(root: Path) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for path in sorted(root.rglob("*")):
        status = path.lstat()
        content = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
        found[str(path.relative_to(root))] = (status.st_mode, status.st_uid, status.st_mtime_ns, content)
    return found


def arguments(args: dict[str, Arg]) -> Iterator[tuple[str, Arg]]:
    for name, arg in args.items():
        yield name, arg
        yield from arguments(arg.options or {})


@pytest.mark.parametrize("name", [name for name in NAMES if name in CASES])
def test_check_predicts_and_a_second_run_changes_nothing(name: str, tmp_path: Path) -> None:
    module = module_of(name)
    args = converted(module, CASES[name](tmp_path))
    before = seen(tmp_path)
    predicted = module.run(Call(dict(args), check=True, diff=True))
    assert seen(tmp_path) == before
    assert predicted["changed"] is True
    assert module.run(Call(dict(args)))["changed"] is True
    after = seen(tmp_path)
    assert after != before
    assert module.run(Call(dict(args)))["changed"] is False
    assert module.run(Call(dict(args), check=True))["changed"] is False
    assert seen(tmp_path) == after


@pytest.mark.parametrize("name", [name for name in NAMES if name in READS])
@pytest.mark.parametrize("check", [False, True])
def test_reading_changes_nothing(name: str, check: bool) -> None:
    if name == "user" and os.geteuid():
        pytest.skip("only root may see the password entry")
    module = module_of(name)
    result = module.run(Call(converted(module, READS[name]), check=check))
    assert result.get("changed", False) is False


@pytest.mark.parametrize("name", NAMES)
def test_an_unknown_argument_is_refused(name: str) -> None:
    _, problems = checked(module_of(name), {"o8_no_such_argument": 1})
    assert any("o8_no_such_argument" in message for _, message in problems)


@pytest.mark.parametrize("name", NAMES)
def test_every_argument_is_described(name: str) -> None:
    module = module_of(name)
    assert module.name in (name, name.rstrip("_"))
    assert type(module).__doc__
    for word, arg in arguments(module.args):
        assert arg.doc, f"{name}: {word} has no doc"
        assert arg.type in TYPES, f"{name}: {word} is of type {arg.type}"
        assert arg.default is None or arg.choices is None or arg.type == "list" or arg.default in arg.choices


@pytest.mark.parametrize("name", NAMES)
def test_groups_of_arguments_name_arguments(name: str) -> None:
    module = module_of(name)
    named = [word for group in (*module.exclusive, *module.together, *module.one_of) for word in group]
    named += [word for when, _, needed in module.required_if for word in (when, *needed)]
    known = {word for key, arg in module.args.items() for word in (key, *arg.aliases)}
    assert set(named) <= known
    words = [word for key, arg in module.args.items() for word in (key, *arg.aliases)]
    assert len(words) == len(set(words))


@pytest.mark.parametrize("path", REMOTE, ids=lambda path: str(path.relative_to(FOLDER.parent)))
def test_hosts_need_nothing_but_python(path: Path) -> None:
    allowed = sys.stdlib_module_names | {"orchestr8"}
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            assert all(alias.name.split(".")[0] in allowed for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            assert (node.module or "").split(".")[0] in allowed
            assert not (node.module or "").startswith("orchestr8.") or (node.module or "").startswith(
                "orchestr8.remote"
            )
