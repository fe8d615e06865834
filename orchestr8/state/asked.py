"""One question to a host about what it keeps for us, and what its refusals mean."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from orchestr8.core.errors import Diagnostic, HostFailed, LockLost
from orchestr8.engine.ports import Connection, Request


def asked(
    connection: Callable[[], Connection], request: Request, refusal: Callable[[str, str | None], Diagnostic]
) -> dict[str, Any]:
    """Return the host's answer; raise LockLost when a newer run is let in, else HostFailed by `refusal`.

    refusal: makes the diagnostic of the host's words and, where its state may not be touched, a hint.
    """
    opened = connection()
    answer = opened.call(request)
    if answer.get("fenced"):
        raise LockLost(Diagnostic("O8-3402", f"{opened.name}: {answer.get('msg')}"))
    if answer.get("failed"):
        hint = "use `become: true`, or set `o8_state_dir` to a folder of yours"
        raise HostFailed(refusal(str(answer.get("msg")), hint if answer.get("denied") else None))
    return answer
