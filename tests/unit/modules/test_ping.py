from __future__ import annotations

import pytest


def test_it_answers(apply) -> None:
    assert apply("ping") == {"changed": False, "ping": "pong"}
    assert apply("ping", data="hello")["ping"] == "hello"
    with pytest.raises(RuntimeError, match="boom"):
        apply("ping", data="crash")
