"""What a check run foretells, and how it reads."""

from __future__ import annotations

from orchestr8.core import event as ev
from orchestr8.core.outcome import Outcome, Status
from orchestr8.core.span import Span
from orchestr8.report.forecast import Forecast, as_json, lines, summary

COPY = ev.TaskStarted("0.2", "Write", "copy", Span("site.yml", 4, 3), role="web")
RUN = ev.TaskStarted("0.10", "Migrate", "command", Span("site.yml", 9, 3))
SKIPPED = Outcome(Status.SKIPPED, {"msg": "Command would have run if not in check mode"})


def changed(before: str, after: str) -> Outcome:
    return Outcome(Status.CHANGED, {"diff": {"before": before, "after": after}})


def forecast(*events: ev.Event) -> Forecast:
    made = Forecast()
    for event in (COPY, RUN, *events):
        made.emit(event)
    return made


def test_hosts_with_the_same_changes_are_told_together() -> None:
    hosts = ("web10", "web2", "web1")
    events = [ev.HostFinished("0.10", h, SKIPPED) for h in hosts]
    events += [ev.HostFinished("0.2", h, changed("a\n", "b\n" if h != "web1" else "c\n")) for h in hosts]
    text = list(lines(forecast(*events)))
    assert text[0] == "web1 — 1 host"
    assert text[1] == "  ~ copy       web : Write   site.yml:4"
    assert "      -a" in text[:7]
    assert "      +c" in text[:7]
    assert "  ? command    Migrate   site.yml:9   cannot be foretold" in text
    assert "web2, web10 — 2 hosts, the same" in text


def test_the_summary_counts() -> None:
    plan = {
        "services": [{"service": "api", "revision": 3, "before": 2}, {"service": "db", "revision": 1}],
        "waves": [[{"kind": "start", "service": "api"}]],
    }
    made = forecast(
        ev.HostFinished("0.2", "h1", changed("a", "b")),
        ev.HostFinished("0.2", "h2", Outcome(Status.OK)),
        ev.HostFinished("0.10", "h1", SKIPPED),
        ev.HostFinished("0.10", "h2", Outcome(Status.SKIPPED, {}, "when: false")),
        ev.RolloutEvent("api, db", "planned", message="api: …\n", detail=plan),
    )
    told = "Plan: 1 change on 1 host; 1 unknown; service api revision 2 → 3. 1 task already in state."
    assert summary(made) == told
    assert not made.empty
    assert as_json(made)["hosts"][0]["hosts"] == ["h1"]


def test_nothing_to_do_is_nothing_to_do() -> None:
    assert forecast(ev.HostFinished("0.2", "h1", Outcome(Status.OK))).empty


def test_what_no_log_hides_stays_hidden() -> None:
    made = forecast(ev.HostFinished("0.2", "h1", changed("old", "secret"), no_log=True))
    assert "secret" not in "\n".join(lines(made))


def test_a_plan_of_services_alone_does_not_speak_of_no_tasks() -> None:
    made = Forecast()
    made.plans.append(
        {"services": [{"service": "api", "revision": 1, "before": None}], "waves": [[{"service": "api"}]]}
    )
    assert summary(made) == "Plan: service api revision 1."
