"""What tells this process from every other one anywhere, and whether that of a lease is dead."""

from __future__ import annotations

from pathlib import Path

_PROC = Path("/proc")


def seat() -> str:
    """Return this process's seat, "" where the system does not tell."""
    place, number = _place(), _own_number()
    began = _began(number)
    return f"{place} {number} {began}" if place and began else ""


def gone(other: str) -> bool:
    """Whether the process of a seat is known to be dead: only one of this very machine can be known."""
    place, _, rest = other.partition(" ")
    number, _, began = rest.partition(" ")
    if not place or place != _place() or not number.isdigit():
        return False
    return _began(number) != began


def _place() -> str:
    """Return what stands for this start of this machine and this space of process numbers."""
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_text("ascii").strip()
        return f"{boot}.{(_PROC / 'self/ns/pid').stat().st_ino}"
    except OSError:
        return ""


def _own_number() -> str:
    try:
        return (_PROC / "self").readlink().name
    except OSError:
        return ""


def _began(number: str) -> str:
    """Return when a process began, in ticks since the machine's start; "" when it is not there."""
    try:
        fields = (_PROC / number / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()
    except OSError:
        return ""
    state, began = fields[0], fields[19]
    return "" if state in ("Z", "X") else began
