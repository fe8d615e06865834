"""Seeded walks through a law: one that fails is told by its seed, a sown bug is noticed by some."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable

from tests.laws.rollout_world import Broken

WALKS = int(os.environ.get("O8_LAW_WALKS", "10000")) // 40
CHUNKS = 4

Law = Callable[[int], None]


def hold(law: Law, chunk: int) -> None:
    """Try a law with every seed of a chunk; raise AssertionError with the seed that breaks it."""
    for seed in range(chunk, WALKS, CHUNKS):
        try:
            law(seed)
        except (AssertionError, Broken) as error:
            raise AssertionError(f"walk {seed}: {error}") from error


def noticed(law: Law, seeds: Iterable[int]) -> bool:
    """Return whether any of the seeds breaks a law."""
    for seed in seeds:
        try:
            law(seed)
        except (AssertionError, KeyError, IndexError, ValueError, StopIteration):
            return True
    return False
