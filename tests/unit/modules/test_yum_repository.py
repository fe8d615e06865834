"""yum_repository: one section of a file, with everything beside it left alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.unit.modules.conftest import Apply


def test_a_repository_comes_changes_and_goes(apply: Apply, tmp_path: Path) -> None:
    path = tmp_path / "mine.repo"
    path.write_text("[other]\nname = x\nbaseurl=http://o\n")
    args: dict[str, Any] = {"name": "one", "file": "mine", "reposdir": str(tmp_path)}
    wanted = {"description": "One", "baseurl": ["http://a", "http://b"], "gpgcheck": True, "exclude": "a,b"}
    assert apply("yum_repository", check=True, **args, **wanted)["changed"] is True
    made = apply("yum_repository", **args, **wanted)
    assert (made["changed"], made["repo"], made["state"]) == (True, "one", "present")
    section = "[one]\nbaseurl = http://a\n\thttp://b\nexclude = a b\ngpgcheck = 1\nname = One\n\n"
    assert path.read_text() == "[other]\nname = x\nbaseurl=http://o\n" + section
    assert apply("yum_repository", **args, **wanted)["changed"] is False
    assert apply("yum_repository", **args, **{**wanted, "gpgcheck": False})["changed"] is True
    assert "gpgcheck = 0" in path.read_text()
    assert apply("yum_repository", state="absent", **args)["changed"] is True
    assert path.read_text() == "[other]\nname = x\nbaseurl=http://o\n"
    assert apply("yum_repository", state="absent", **args)["changed"] is False
    assert apply("yum_repository", state="absent", **{**args, "name": "other"})["changed"] is True
    assert not path.exists()
    assert "description" in apply("yum_repository", **args)["msg"]
