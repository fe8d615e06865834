"""Run ids that sort by time (ULID, github.com/ulid/spec)."""

from __future__ import annotations

import secrets

from orchestr8.core.clock import Clock

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def run_id(clock: Clock) -> str:
    """Return a new 26-character ULID."""
    number = (int(clock.now().timestamp() * 1000) << 80) | secrets.randbits(80)
    return "".join(_ALPHABET[(number >> shift) & 31] for shift in range(125, -1, -5))
