"""A whole run as one JSON document, in the form of Ansible's json output."""

from __future__ import annotations

import json
import threading
from typing import Any, TextIO

from orchestr8.core import event as ev
from orchestr8.core.clock import Clock
from orchestr8.core.outcome import Status
from orchestr8.report.jsonl import as_json
from orchestr8.report.wording import censored, plain_value, title

_TALLY = {"failures": "failed"}
_COUNTS = ("changed", "failures", "ignored", "ok", "rescued", "skipped", "unreachable")


class DocumentReporter:
    """Collects a run and writes it when it has ended: plays, their tasks, each host's result, the recap.

    warnings: where warnings and advice go. custom_stats: tell what the playbook left with `set_stats`.
    """

    def __init__(self, out: TextIO, warnings: TextIO, clock: Clock, *, custom_stats: bool = False) -> None:
        self._custom = custom_stats
        self._out = out
        self._warnings = warnings
        self._clock = clock
        self._lock = threading.Lock()
        self._playbook = ""
        self._plays: list[dict[str, Any]] = []
        self._tasks: dict[str, dict[str, Any]] = {}
        self._actions: dict[str, str] = {}

    def emit(self, event: ev.Event) -> None:
        """Take one event."""
        with self._lock:
            if isinstance(event, ev.RunStarted):
                self._playbook = event.playbook
            elif isinstance(event, ev.PlayStarted):
                self._play(event)
            elif isinstance(event, ev.TaskStarted):
                self._task(event)
            elif isinstance(event, ev.HostFinished):
                self._host(event)
            elif isinstance(event, ev.Warned):
                self._warnings.write(f"[WARNING]: {event.diagnostic.message}\n")
            elif isinstance(event, ev.RunFinished):
                self._end(event)

    def _now(self) -> str:
        return self._clock.now().strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    def _play(self, event: ev.PlayStarted) -> None:
        play = {"name": event.name, "id": str(len(self._plays) + 1), "path": self._playbook}
        self._plays.append({"play": {**play, "duration": {"start": self._now()}}, "tasks": []})
        self._tasks = {}

    def _task(self, event: ev.TaskStarted) -> None:
        place = f"{event.span.file}:{event.span.line}" if event.span else ""
        task = {"name": title(event), "id": event.key, "path": place, "duration": {"start": self._now()}}
        self._actions[event.key] = event.action
        self._tasks[event.key] = {"task": task, "hosts": {}}
        if self._plays:
            self._plays[-1]["tasks"].append(self._tasks[event.key])

    def _host(self, event: ev.HostFinished) -> None:
        found = self._tasks.get(event.key)
        if found is None or event.outcome.status is Status.CANCELLED:
            return
        outcome = censored(event.outcome) if event.no_log else event.outcome
        result = {"action": self._actions[event.key], **as_json(outcome.result)}
        for status in (Status.FAILED, Status.SKIPPED, Status.UNREACHABLE):
            result.pop(status.value, None)
            if outcome.status is status:
                result[status.value] = True
        found["hosts"][event.host] = result
        end = self._now()
        for each in (found["task"], self._plays[-1]["play"]):
            each["duration"]["end"] = end

    def _end(self, event: ev.RunFinished) -> None:
        stats = {
            host: {name: getattr(tally, _TALLY.get(name, name)) for name in _COUNTS}
            for host, tally in event.tallies.items()
        }
        shown = event.custom if self._custom else {}
        custom = {host: dict(values) for host, values in shown.items() if host}
        whole = {
            "plays": self._plays,
            "stats": stats,
            "custom_stats": custom,
            "global_custom_stats": dict(shown.get("", {})),
        }
        text = json.dumps(as_json(whole), indent=4, sort_keys=True, default=plain_value)
        self._out.write(text + "\n")
        self._out.flush()
        for line in event.advice:
            self._warnings.write(line + "\n")
