from __future__ import annotations

from pathlib import Path

import pytest

from orchestr8.remote.modules.pip import _is_so

# Keeps its packages in a file, as an environment would.
PIP = """#!/bin/sh
here=$(dirname "$0"); touch "$here/packages"
case $1 in
  list) cat "$here/packages"; exit 0;;
  install) shift; for word; do case $word in
      -*) ;; bad*) echo "ERROR: No matching distribution found for bad" >&2; exit 1;;
      *==*) echo "$word" >> "$here/packages";; *) echo "$word==1.0" >> "$here/packages";; esac; done;;
  uninstall) : > "$here/packages";;
esac
"""


@pytest.fixture
def pip(tmp_path: Path) -> str:
    (tmp_path / "pip").write_text(PIP)
    (tmp_path / "pip").chmod(0o755)
    return str(tmp_path / "pip")


def test_a_package_comes_and_goes(apply, pip: str) -> None:
    assert apply("pip", name="flask", executable=pip, check=True)["changed"] is True
    result = apply("pip", name="flask", executable=pip)
    assert (result["changed"], result["cmd"]) == (True, [pip, "install", "flask"])
    assert apply("pip", name="Flask", executable=pip)["changed"] is False
    assert apply("pip", name="flask", version="1.0", executable=pip)["changed"] is False
    assert apply("pip", name="flask", version="2.0", executable=pip)["cmd"][-1] == "flask==2.0"
    assert apply("pip", name="flask", state="absent", executable=pip)["changed"] is True
    assert apply("pip", name="flask", state="absent", executable=pip)["changed"] is False


def test_failures_are_told(apply, pip: str, tmp_path: Path) -> None:
    failed = apply("pip", name="bad", executable=pip)
    assert failed["msg"].endswith("install bad failed: ERROR: No matching distribution found for bad")
    assert "incompatible with state=latest" in apply("pip", name="a", version="1", state="latest")["msg"]
    assert "ambiguous" in apply("pip", name=["a", "b"], version="1")["msg"]
    assert "one of the following is required" in apply("pip")["msg"]
    assert apply("pip", name="a", virtualenv=str(tmp_path / "none"), check=True)["changed"] is True


@pytest.mark.parametrize(
    ("wish", "state", "expected"),
    [
        ("a", "present", True),
        ("A", "present", True),
        ("a-b", "present", True),
        ("a==1.5", "present", True),
        ("a==1.6", "present", False),
        ("a>=1", "present", True),
        ("a[x]", "present", False),
        ("git+https://x/a", "present", False),
        ("./a", "present", False),
        ("a", "absent", False),
        ("c", "absent", True),
    ],
)
def test_what_need_not_be_asked(wish: str, state: str, expected: bool) -> None:
    assert _is_so(wish, state, {"a": "1.5", "a-b": "2"}) is expected
