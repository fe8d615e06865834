"""The file and command modules under every interpreter of this machine that a host may have."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

import orchestr8

SCRIPT = r"""
import importlib, json, os, sys
from orchestr8.remote.arguments import converted
from orchestr8.remote.module import Call, Failure

def apply(name, blob=b"", check=False, **args):
    kind = importlib.import_module("orchestr8.remote.modules." + name).MODULE
    try:
        return kind().run(Call(converted(kind, args), blob=blob, check=check, diff=True))
    except Failure as failure:
        return dict(failure.result, msg=failure.msg, failed=True)

root = sys.argv[1]
f = os.path.join(root, "f")
steps = [
    ("file", dict(path=root + "/d/e", state="directory", mode="u=rwx,go=")),
    ("copy", dict(dest=f, content="one\n", mode="0640")),
    ("lineinfile", dict(path=f, line="two")),
    ("blockinfile", dict(path=f, block="three")),
    ("replace", dict(path=f, regexp="^t", replace="T")),
    ("file", dict(path=root + "/l", src="f", state="link")),
    ("copy", dict(src=root + "/d", dest=root + "/copy", remote_src=True)),
    ("assemble", dict(src=root, dest=root + "/d/all", regexp="^f$")),
]
changed = [apply(name, check=True, **args)["changed"] for name, args in steps[:2]]
again = []
for name, args in steps:
    changed.append(apply(name, **args)["changed"])
    again.append(apply(name, **args)["changed"])
out = {
    "changed": changed,
    "again": again,
    "text": open(f).read(),
    "command": apply("command", argv=["echo", "a b"])["stdout"],
    "shell": apply("shell", cmd="exit 3")["rc"],
    "script": apply("script", cmd="x.sh 4", blob=b"#!/bin/sh\necho $1\n")["stdout"],
    "stat": apply("stat", path=f)["stat"]["mode"],
    "found": apply("find", paths=[root], recurse=True, patterns="all")["matched"],
    "slurp": apply("slurp", src=f)["encoding"],
    "tempfile": apply("tempfile", path=root)["mode"],
    "wait_for": apply("wait_for", path=f)["state"],
    "uri": apply("uri", url="http://127.0.0.1:1/")["status"],
    "get_url": apply("get_url", url="file://" + f, dest=root + "/got")["changed"],
    "ping": apply("ping")["ping"],
}
print(json.dumps(out))
"""


def interpreters() -> list[str]:
    """Return one interpreter of each version from 3.6 on that can be found."""
    found = {}
    for minor in range(6, 14):
        name = f"python3.{minor}"
        places = [shutil.which(name), *map(str, Path.home().glob(f".pyenv/versions/3.{minor}.*/bin/{name}"))]
        for place in filter(None, places):
            works = subprocess.run([place, "-c", "pass"], capture_output=True, check=False).returncode == 0
            if works:
                found.setdefault(name, place)
    return list(found.values())


@pytest.mark.parametrize("python", interpreters(), ids=lambda path: Path(path).name)
def test_they_do_the_same(python: str, tmp_path: Path) -> None:
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(Path(orchestr8.__file__).parent.parent)}
    done = subprocess.run(
        [python, "-B", "-c", SCRIPT, str(tmp_path)], capture_output=True, text=True, env=environ, check=False
    )
    assert done.stderr == ""
    found = json.loads(done.stdout)
    assert found == {
        "changed": [True] * 10,
        "again": [False] * 8,
        "text": "one\nTwo\n# BEGIN ANSIBLE MANAGED BLOCK\nThree\n# END ANSIBLE MANAGED BLOCK\n",
        "command": "a b",
        "shell": 3,
        "script": "4\n",
        "stat": "0640",
        "found": 1,
        "slurp": "base64",
        "tempfile": "0600",
        "wait_for": "started",
        "uri": -1,
        "get_url": True,
        "ping": "pong",
    }
