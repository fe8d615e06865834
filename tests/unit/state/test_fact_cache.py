"""Facts that are kept from run to run."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from orchestr8.core.errors import O8Error
from orchestr8.core.secret import Secret
from orchestr8.state.fact_cache import JsonFacts


def test_facts_are_kept_for_their_owner_only(tmp_path: Path) -> None:
    cache = JsonFacts(str(tmp_path / "new"), prefix="p_")
    cache.save("web/1", {"ansible_os": "x", "key": Secret("hidden")})
    (file,) = (tmp_path / "new").iterdir()
    assert (file.name, stat.S_IMODE(file.stat().st_mode)) == ("p_web_1", 0o600)
    assert cache.load("web/1") == {"ansible_os": "x"}
    cache.save("web/1", {})
    assert cache.load("web/1") == {}


def test_old_and_broken_facts_do_not_count(tmp_path: Path) -> None:
    cache = JsonFacts(str(tmp_path), lifetime=60, now=lambda: 1000.0)
    cache.save("a", {"x": 1})
    os.utime(tmp_path / "a", (950, 950))
    assert cache.load("a") == {"x": 1}
    os.utime(tmp_path / "a", (900, 900))
    assert cache.load("a") == {}
    (tmp_path / "b").write_text("{")
    assert cache.load("b") == {}


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(O8Error, match="the facts of a cannot be kept"):
        JsonFacts(str(tmp_path / "file")).save("a", {"x": 1})
