"""Events as JSON lines: one object a line, the schema, nothing secret."""

from __future__ import annotations

import io
import json
from dataclasses import fields
from typing import Any

from orchestr8.core import event as ev
from orchestr8.core.clock import ManualClock
from orchestr8.core.errors import Diagnostic
from orchestr8.core.outcome import Outcome, Status
from orchestr8.core.secret import Secret
from orchestr8.core.span import Span
from orchestr8.report.jsonl import JsonReporter

OUTCOME = Outcome(Status.CHANGED, {"changed": True, "_ansible_x": 1, "pw": Secret("hunter2"), 1: b"\xff"})
EVENTS: list[ev.Event] = [
    ev.RunStarted("r1", "site.yml"),
    ev.PlayStarted("Web", ("h1",), 3),
    ev.TaskStarted("k", "Copy", "copy", Span("site.yml", 4, 7)),
    ev.ItemFinished("k", "h1", "a", OUTCOME, "a"),
    ev.HostFinished("k", "h1", OUTCOME),
    ev.Included("k", "more.yml", ("h1",)),
    ev.Retrying("k", "h1", 2, OUTCOME),
    ev.HandlerNotified("restart", "h1"),
    ev.Output("k", "h1", "line"),
    ev.Remarked("META: noop"),
    ev.Warned(Diagnostic("O8-1008", "odd", Span("a.yml", 1, 1))),
    ev.Asking(opened=True),
    ev.NobodyLeft(),
    ev.RolloutEvent("api", "ready", "h1", 1, 2, "", {"n": 1}),
    ev.RunFinished("r1", {"h1": ev.HostTally(ok=1)}, 0, 1.0),
]


def records(*events: ev.Event) -> list[dict[str, Any]]:
    out = io.StringIO()
    reporter = JsonReporter(out, ManualClock())
    for event in events:
        reporter.emit(event)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_every_event_has_schema_kind_time_and_its_fields() -> None:
    assert {type(event).__name__ for event in EVENTS} == {kind.__name__ for kind in ev.Event.__subclasses__()}
    for event, record in zip(EVENTS, records(*EVENTS), strict=True):
        assert record["schema"] == "orchestr8.event/1"
        assert set(record) == {"schema", "event", "time", *(field.name for field in fields(event))}


def test_places_statuses_and_results_are_plain() -> None:
    found = records(*EVENTS)
    assert found[2]["span"] == "site.yml:4:7"
    assert found[4]["outcome"]["status"] == "changed"
    assert "_ansible_x" not in found[4]["outcome"]["result"]
    assert "hunter2" not in json.dumps(found)


def test_no_log_leaves_only_how_it_ended() -> None:
    hidden = ev.HostFinished("k", "h1", Outcome(Status.OK, {"stdout": "hunter2"}), no_log=True)
    (record,) = records(hidden)
    assert "hunter2" not in json.dumps(record)
    assert record["outcome"]["status"] == "ok"
