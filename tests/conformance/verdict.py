"""What came out of a target: passed, or how much of it and why no more."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Result = Literal["PASS", "PART", "HOLLOW", "TIMEOUT"]

ENOUGH = 0.9
"""The share of the reference's steps below which an exit status of 0 says nothing."""
_RECAP = re.compile(r"^\S+\s*:\s*ok=(\d+)\s+changed=\d+\s+unreachable=\d+\s+failed=(\d+)", re.MULTILINE)
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_REASON = re.compile(r"fatal:|failed:|error[\[:]|\[ERROR\]|ERROR!|conformance:|Traceback|\w*Error:")


@dataclass(frozen=True)
class Verdict:
    """How one run of a target ended: `ok` and `failed` steps, its `share` of the reference's, and why."""

    target: str
    result: Result
    share: float
    ok: int
    failed: int
    seconds: float
    reason: str = ""


def steps(log: str) -> tuple[int, int]:
    """Return the sums of the ok and the failed steps over all recaps of a log."""
    counts = [(int(ok), int(failed)) for ok, failed in _RECAP.findall(log)]
    return sum(ok for ok, _ in counts), sum(failed for _, failed in counts)


def reason(log: str) -> str:
    """Return the last line that looks like the cause of a failure, else the last line."""
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    causes = [line for line in lines if _REASON.match(line)]
    return ((causes or lines or ["it said nothing"])[-1])[:200]


def judge(target: str, status: int | None, text: str, seconds: float, expected: int | None) -> Verdict:
    """Return the verdict on a run; `expected` are the reference's ok steps, where they are known.

    A target that ends well with far fewer steps than the reference is hollow: a program that does nothing
    would pass most of them.
    """
    log = _COLOUR.sub("", text)
    ok, failed = steps(log)
    share = min(ok / expected, 0.99) if expected else 0.0
    if status == 0 and (not expected or ok >= ENOUGH * expected):
        return Verdict(target, "PASS", 1.0, ok, failed, seconds)
    if status == 0:
        return Verdict(
            target, "HOLLOW", share, ok, failed, seconds, f"{ok} steps, the reference has {expected}"
        )
    result: Result = "TIMEOUT" if status is None else "PART"
    return Verdict(target, result, share, ok, failed, seconds, reason(log))
