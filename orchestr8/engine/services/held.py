"""What to tell somebody who finds a lock held."""

from __future__ import annotations

from orchestr8.core.errors import Diagnostic, LockHeld
from orchestr8.engine.services.ports import Holding


def named(holding: Holding, project: str) -> str:
    """Return who holds the lock of a project, for how long, and when they were heard of last."""
    since = "" if holding.age is None else f" for {duration(holding.age)}"
    reason = f" ({holding.reason})" if holding.reason else ""
    who = holding.by or "somebody"
    heard = f"last heard of {duration(holding.quiet)} ago"
    return f"{who}, who has been changing `{project}`{since}{reason}, {heard}"


def held_by(found: tuple[str, Holding], project: str, waited: float) -> LockHeld:
    """Return the error for a lock that is held: who, since when, and how to wait or to break it."""
    host, holding = found
    after = f" after waiting {duration(waited)}" if waited else ""
    text = f"the lock is held on {host}{after} by {named(holding, project)}; nothing was touched"
    hint = f"wait for it with --lock-wait 5m, or end it with `o8 lock release {holding.run}`"
    notes = (f"without a sign of life it ends by itself in {duration(holding.left)}",)
    return LockHeld(Diagnostic("O8-3401", text, hint=hint, notes=notes))


def duration(seconds: float) -> str:
    """Return seconds in words: `45s`, `3m12s`, `2h5m`."""
    whole = int(seconds)
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m{whole % 60}s"
    return f"{whole // 3600}h{whole % 3600 // 60}m"
