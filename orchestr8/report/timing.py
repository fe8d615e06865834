"""How long tasks, roles and the run took, as Ansible's profile_tasks, profile_roles and timer say it."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable
from typing import TextIO

from orchestr8.core import event as ev
from orchestr8.core.clock import Clock
from orchestr8.engine.ports import Sink
from orchestr8.report.wording import title

KINDS = ("timer", "profile_tasks", "profile_roles")
_WIDTH = 79
_MOST = 20


class Timing:
    """Passes events on and adds a line of times below each task, and sums at the end.

    kinds: which of timer, profile_tasks and profile_roles.
    """

    def __init__(self, sink: Sink, out: TextIO, clock: Clock, kinds: Collection[str]) -> None:
        self._sink = sink
        self._out = out
        self._clock = clock
        self._kinds = kinds
        self._lock = threading.Lock()
        self._begin = self._last = clock.monotonic()
        self._current: ev.TaskStarted | None = None
        self._spent: dict[str, tuple[str, str, float]] = {}

    def emit(self, event: ev.Event) -> None:
        """Pass an event on."""
        with self._lock:
            self._sink.emit(event)
            if isinstance(event, ev.TaskStarted):
                self._stamp(self._turn(event))
            elif isinstance(event, ev.RunFinished):
                self._end(self._turn(None))
            self._out.flush()

    def _turn(self, following: ev.TaskStarted | None) -> float:
        """Book the time of the task that ends; return its seconds."""
        now = self._clock.monotonic()
        seconds, self._last = now - self._last, now
        if self._current is not None:
            task = self._current
            name, role = title(task), task.role or task.action
            before = self._spent.get(task.key, (name, role, 0.0))[2]
            self._spent[task.key] = (name, role, before + seconds)
        self._current = following
        return seconds

    def _stamp(self, seconds: float) -> None:
        """Write when this is, how long the last task took, and how long the run is."""
        for kind in KINDS[1:]:
            if kind in self._kinds:
                self._out.write(self._moment(seconds))

    def _moment(self, seconds: float) -> str:
        moment = self._clock.now().astimezone().strftime("%A %d %B %Y  %H:%M:%S %z")
        text = f"{moment} ({_span(seconds)})       {_span(self._last - self._begin)} "
        return text.ljust(_WIDTH, "*") + " \n"

    def _end(self, seconds: float) -> None:
        whole = self._last - self._begin
        if "timer" in self._kinds:
            self._out.write(_banner("PLAYBOOK RECAP") + f"Playbook run took {_words(int(whole))}\n\n")
        tasks = [(name, spent) for name, _, spent in self._spent.values()]
        if "profile_tasks" in self._kinds:
            self._sums("TASKS RECAP", seconds, tasks)
        if "profile_roles" in self._kinds:
            roles: dict[str, float] = {}
            for _, role, spent in self._spent.values():
                roles[role] = roles.get(role, 0.0) + spent
            self._sums("ROLES RECAP", seconds, roles.items())
            total = sum(roles.values())
            self._out.write(f"{'~' * _WIDTH} \n{_row('total', total)}\n")

    def _sums(self, heading: str, seconds: float, spent: Iterable[tuple[str, float]]) -> None:
        self._out.write(_banner(heading) + self._moment(seconds) + "=" * _WIDTH + " \n")
        for name, each in sorted(spent, key=lambda one: -one[1])[:_MOST]:
            self._out.write(_row(name, each) + "\n")


def _banner(text: str) -> str:
    return f"\n{text} ".ljust(_WIDTH + 2, "*") + "\n"


def _row(name: str, seconds: float) -> str:
    return f"{name} ".ljust(_WIDTH - 9, "-") + f" {seconds:.2f}s".rjust(9, "-")


def _span(seconds: float) -> str:
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(int(minutes), 60)
    return f"{hours}:{minutes:02d}:{rest:06.3f}"


def _words(seconds: int) -> str:
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    return f"{days} days, {hours} hours, {minutes} minutes, {rest} seconds"
