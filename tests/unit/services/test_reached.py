"""Services that need all their hosts say which are missing, and what may help there."""

from __future__ import annotations

import pytest
from services_world import web

from orchestr8.core.errors import Diagnostic, HostFailed
from orchestr8.engine.services.observer import Crew
from orchestr8.engine.services.play_services import require_reached
from orchestr8.engine.services.ports import EngineError
from orchestr8.engine.services.wanted import Wanted


def test_a_host_that_is_missing_is_told_with_what_may_help() -> None:
    denied = EngineError(Diagnostic("O8-3101", "h1: permission denied", hint="use become"))
    with pytest.raises(HostFailed, match="h1 cannot be used: h1: permission denied") as caught:
        require_reached([Wanted(web(), frozenset({"h1", "h2"}))], Crew("shop", {}, {"h1": denied}))
    hint = caught.value.diagnostics[0].hint or ""
    assert hint.startswith("use become; `placement.on_unreachable: skip`")
