"""What a live view knows of a run: one tally a task, the hosts still at work, counts over all."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from orchestr8.core import event as ev
from orchestr8.core.outcome import Status
from orchestr8.report.wording import title


@dataclass
class TaskTally:
    """How far a task has come: hosts by status, and when it began (seconds)."""

    name: str
    began: float
    place: str = ""
    counts: Counter[str] = field(default_factory=Counter)
    hosts: dict[str, list[str]] = field(default_factory=dict)

    def add(self, host: str, word: str) -> None:
        """Count how it ended on a host."""
        self.counts[word] += 1
        self.hosts.setdefault(word, []).append(host)


class Board:
    """Takes events; tells which tasks are finished and what runs."""

    def __init__(self) -> None:
        self.hosts: set[str] = set()
        self.steps = 0
        self.done = 0
        self.totals: Counter[str] = Counter()
        self.running: dict[str, TaskTally] = {}

    def play(self, event: ev.PlayStarted) -> list[TaskTally]:
        """Begin a play; return the tasks of the one before that are still to be told."""
        self.hosts = set(event.hosts)
        self.steps += event.steps
        return self.drain()

    def start(self, event: ev.TaskStarted, now: float) -> None:
        """Begin a task."""
        place = f"{event.span.file}:{event.span.line}" if event.span else ""
        name = title(event).replace(" : ", " › ")
        self.running.setdefault(
            event.key, TaskTally(f"handler {name}" if event.handler else name, now, place)
        )

    def finish(self, event: ev.HostFinished) -> TaskTally | None:
        """Count a host; return the task's tally when that was its last host."""
        tally = self.running.get(event.key)
        if tally is None or event.outcome.status is Status.CANCELLED:
            return None
        tally.add(event.host, word := _word(event))
        self.totals[word] += 1
        if event.outcome.bad and not event.rescued:
            self.hosts.discard(event.host)
        seen = {host for hosts in tally.hosts.values() for host in hosts}
        return self._complete(event.key) if self.hosts <= seen else None

    def _complete(self, key: str) -> TaskTally:
        self.done += 1
        return self.running.pop(key)

    def drain(self) -> list[TaskTally]:
        """Return and forget every task that some host has finished."""
        told = [key for key, tally in self.running.items() if tally.counts]
        tallies = [self._complete(key) for key in told]
        self.running.clear()
        return tallies


def _word(event: ev.HostFinished) -> str:
    if event.rescued:
        return "rescued"
    return "ignored" if event.outcome.ignored else event.outcome.status.value
