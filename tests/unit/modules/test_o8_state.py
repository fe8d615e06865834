"""What a host keeps beside records: whether new replicas may start there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def ask(apply: Any, tmp_path: Path) -> Any:
    return lambda op, **more: apply("o8_state", op=op, root=str(tmp_path), project="shop", **more)


def test_a_cordon_stays_until_it_is_taken_away(ask: Any, tmp_path: Path) -> None:
    assert ask("read")["cordoned"] == ""
    assert ask("cordon", mark="ops@laptop")["changed"]
    assert not ask("cordon", mark="me@here")["changed"]
    assert ask("read")["cordoned"] == "ops@laptop"
    assert ask("projects")["projects"] == []
    assert (tmp_path / ".cordoned").stat().st_mode & 0o777 == 0o600
    assert ask("cordon")["changed"]
    assert not ask("cordon")["changed"]
    assert ask("read")["cordoned"] == ""
