"""archive: trees and files packed once, left alone while nothing changes, and unpacked as they were."""

from __future__ import annotations

import gzip
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest

from orchestr8.remote.compose_events import actions
from tests.unit.modules.conftest import Apply


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "tree"
    (root / "sub").mkdir(parents=True)
    (root / "a.txt").write_text("a")
    (root / "sub/b.log").write_text("b" * 1000)
    return root


def names(path: str, form: str) -> list[str]:
    if form == "zip":
        with zipfile.ZipFile(path) as archive:
            return sorted(name.rstrip("/") for name in archive.namelist())
    with tarfile.open(path) as tar:
        return sorted(tar.getnames())


@pytest.mark.parametrize("form", ["tar", "gz", "bz2", "xz", "zip"])
def test_a_tree(apply: Apply, tree: Path, form: str) -> None:
    args: dict[str, Any] = {"path": str(tree), "format": form}
    predicted = apply("archive", check=True, **args)
    assert (predicted["changed"], Path(predicted["dest"]).exists()) == (True, False)
    made = apply("archive", mode="0600", **args)
    assert (made["changed"], made["mode"], made["dest_state"]) == (True, "0600", "archive")
    assert names(made["dest"], form) == ["tree", "tree/a.txt", "tree/sub", "tree/sub/b.log"]
    assert apply("archive", **args)["changed"] is False
    (tree / "a.txt").write_text("other")
    assert apply("archive", check=True, **args)["changed"] is True
    assert apply("archive", **args)["changed"] is True
    assert [path.name for path in tree.parent.glob(".o8-*")] == []


def test_what_is_left_out(apply: Apply, tree: Path) -> None:
    dest = str(tree.parent / "out.tgz")
    args: dict[str, Any] = {"path": [f"{tree}/*"], "dest": dest}
    apply("archive", exclusion_patterns=["*.log"], **args)
    assert names(dest, "gz") == ["a.txt", "sub"]
    apply("archive", exclude_path=[f"{tree}/sub"], **args)
    assert names(dest, "gz") == ["a.txt"]


def test_a_single_file_is_only_packed(apply: Apply, tree: Path) -> None:
    made = apply("archive", path=str(tree / "a.txt"))
    assert (made["dest"], made["dest_state"]) == (f"{tree}/a.txt.gz", "compress")
    assert gzip.decompress(Path(made["dest"]).read_bytes()) == b"a"
    assert apply("archive", path=str(tree / "a.txt"))["changed"] is False
    whole = apply("archive", path=str(tree / "a.txt"), force_archive=True)
    assert names(whole["dest"], "gz") == ["a.txt"]


def test_sources_go_only_when_they_are_packed(apply: Apply, tree: Path) -> None:
    refused = apply("archive", path=str(tree), dest=f"{tree}/x.tgz", remove=True)
    assert "the archive is in it" in refused["msg"]
    assert (tree / "a.txt").exists()
    dest = str(tree.parent / "x.tgz")
    assert apply("archive", path=str(tree), dest=dest, remove=True)["changed"] is True
    assert not tree.exists()
    again = apply("archive", path=str(tree), dest=dest, remove=True)
    assert (again["changed"], again["missing"]) == (False, [str(tree)])
    assert apply("archive", path=str(tree), dest=dest + "2")["dest_state"] == "absent"


def test_what_compose_says() -> None:
    said = (
        " Network p_default  Creating\n Network p_default  Created\n"
        " Container p-web-1  Recreated\n Container p-db-1  Running\n"
        " Container p-web-1  Started \n Container p-web-1  Starting\n"
        " web Pulled \n DRY-RUN MODE -  Container p-old-1  Removed 0.3s\nnonsense here\n"
    )
    found = [(entry["what"], entry["id"], entry["status"]) for entry in actions(said)]
    assert found == [
        ("network", "p_default", "Created"),
        ("container", "p-web-1", "Recreated"),
        ("container", "p-web-1", "Started"),
        ("service", "web", "Pulled"),
        ("container", "p-old-1", "Removed"),
    ]
