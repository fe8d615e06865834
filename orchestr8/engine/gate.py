"""Says which ready cells of a batch have to wait: for their host, for others of their task, for a place."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from orchestr8.engine.step import Step


def throttle_of(step: Step, render: Callable[[Any], Any]) -> int:
    """Return how many hosts may do a step at once, 0 for any number."""
    written = step.keywords.throttle
    try:
        return int(render(written) or 0) if written is not None else 0
    except (TypeError, ValueError):
        return 0  # the executor says what is wrong with it


class Gate:
    """Counts what is under way on hosts and in tasks.

    at_end: tells whether a host is through. alone: a host does one thing at a time. places: how many hosts
    may be on their way through the play, None for all of them.
    """

    def __init__(self, at_end: Callable[[int], bool], *, alone: bool, places: int | None) -> None:
        self._alone = alone
        self._places = places
        self._at_end = at_end
        self._admitted: set[int] = set()
        self._on_host: dict[int, int] = {}
        self._in_row: dict[int, int] = {}

    def waits(self, row: int, host: int, most: int) -> bool:
        """Return whether a cell may not start now; `most` cells of its row may at once, any number for 0."""
        if self._alone and self._on_host.get(host):
            return True
        return bool(most and self._in_row.get(row, 0) >= most) or not self._admits(host)

    def _admits(self, host: int) -> bool:
        if self._places is None or host in self._admitted:
            return True
        if len(self._admitted) >= self._places:
            self._admitted = {each for each in self._admitted if not self._at_end(each)}
        if len(self._admitted) >= self._places:
            return False
        self._admitted.add(host)
        return True

    def widen(self) -> None:
        """Let one more host in: those that are on their way wait for it."""
        if self._places is not None:
            self._places += 1

    def began(self, row: int, hosts: Iterable[int]) -> None:
        """Count a cell that starts for these hosts."""
        self._count(row, hosts, 1)

    def ended(self, row: int, hosts: Iterable[int]) -> None:
        """Count a cell that ended for these hosts."""
        self._count(row, hosts, -1)

    def _count(self, row: int, hosts: Iterable[int], by: int) -> None:
        for host in hosts:
            self._on_host[host] = self._on_host.get(host, 0) + by
        self._in_row[row] = self._in_row.get(row, 0) + by
