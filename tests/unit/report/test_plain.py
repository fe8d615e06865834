"""Plain lines: what each event becomes, at every verbosity."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from orchestr8.core import event as ev
from orchestr8.core.errors import Diagnostic
from orchestr8.core.outcome import Outcome, Status
from orchestr8.core.secret import Secret
from orchestr8.core.span import Span
from orchestr8.report.plain import PlainReporter

TASK = ev.TaskStarted("k", "Copy it", "copy", Span("site.yml", 4, 7))


ZEROS = "unreachable=0    failed=0    skipped=0    rescued=0    ignored=0   "


def shown(*events: ev.Event, verbosity: int = 0, paint: Any = None) -> str:
    out = io.StringIO()
    reporter = PlainReporter(out, verbosity=verbosity, paint=paint)
    for event in events:
        reporter.emit(event)
    return out.getvalue()


def ended(status: Status, host: str = "h1", **fields: Any) -> ev.HostFinished:
    result = fields.pop("result", {"changed": status is Status.CHANGED})
    return ev.HostFinished("k", host, Outcome(status, result, ignored=fields.pop("ignored", False)), **fields)


def test_facts_fill_no_line() -> None:
    task = ev.TaskStarted("k", "", "setup")
    assert shown(task, ended(Status.OK, result={"ansible_facts": {}}), verbosity=1).splitlines()[2:] == [
        "ok: [h1]"
    ]


def test_an_item_tells_who_did_its_work_and_an_included_role_is_named() -> None:
    item = ev.ItemFinished("k", "h1", "a", Outcome(Status.OK, {}), delegate="h2")
    text = shown(ev.TaskStarted("k", "", "include_role", subject="web"), item)
    assert "TASK [include_role : web] ***" in text
    assert "ok: [h1 -> h2] => (item=a)" in shown(TASK, item)


def lines(*events: ev.Event, **how: Any) -> list[str]:
    """Return what comes after the task's banner."""
    return shown(TASK, *events, **how).splitlines()[2:]


def test_banners_are_as_wide_as_ansibles() -> None:
    text = shown(ev.PlayStarted("Web", ("h1",)), TASK)
    assert text.splitlines() == ["", "PLAY [Web] ".ljust(80, "*"), "", "TASK [Copy it] ".ljust(80, "*")]
    long = shown(ev.PlayStarted("x" * 90, ("h1",))).splitlines()[1]
    assert long == f"PLAY [{'x' * 90}] ***"


@pytest.mark.parametrize(
    ("status", "line"),
    [
        (Status.OK, "ok: [h1]"),
        (Status.CHANGED, "changed: [h1]"),
        (Status.SKIPPED, "skipping: [h1]"),
        (Status.FAILED, 'fatal: [h1]: FAILED! => {"changed": false}'),
        (Status.UNREACHABLE, 'fatal: [h1]: UNREACHABLE! => {"changed": false}'),
    ],
)
def test_every_status_has_its_line(status: Status, line: str) -> None:
    assert lines(ended(status)) == [line]


def test_cancelled_hosts_are_not_told() -> None:
    assert lines(ended(Status.CANCELLED)) == []


def test_what_is_ignored_says_so_once() -> None:
    item = ev.ItemFinished("k", "h1", "a", Outcome(Status.FAILED, {"msg": "no"}, ignored=True), "a")
    whole = ended(Status.FAILED, ignored=True, loop=True, result={"results": [{}]})
    assert lines(item, whole) == ['failed: [h1] (item=a) => {"msg": "no"}', "...ignoring"]


def test_a_delegated_task_names_both_hosts_unless_they_are_one() -> None:
    assert lines(ended(Status.OK, delegate="lb")) == ["ok: [h1 -> lb]"]
    assert lines(ended(Status.OK, delegate="h1")) == ["ok: [h1]"]


@pytest.mark.parametrize(("verbosity", "line"), [(0, "ok: [h1]"), (1, 'ok: [h1] => {"a": 1}')])
def test_results_are_shown_from_the_first_v(verbosity: int, line: str) -> None:
    result = {"a": 1, "failed": False, "invocation": {}, "_ansible_internal": 1}
    assert lines(ended(Status.OK, result=result), verbosity=verbosity) == [line]


def test_three_v_spread_the_result_and_show_the_invocation() -> None:
    text = "\n".join(lines(ended(Status.OK, result={"invocation": {"x": 1}}), verbosity=3))
    assert "task path: site.yml:4" in text
    assert '    "invocation": {\n        "x": 1\n    }' in text


def test_debug_speaks_alone() -> None:
    task = ev.TaskStarted("k", "Say", "debug")
    result = {"msg": "hi", "changed": False, "failed": False, "_ansible_verbose_always": True}
    assert shown(task, ended(Status.OK, result=result)).splitlines()[2:] == [
        "ok: [h1] => {",
        '    "msg": "hi"',
        "}",
    ]


def test_no_log_hides_the_result_at_every_verbosity() -> None:
    event = ended(
        Status.FAILED, no_log=True, result={"msg": "hunter2", "diff": {"before": "", "after": "hunter2"}}
    )
    for verbosity in range(5):
        assert "hunter2" not in shown(TASK, event, ev.RunFinished("r", {}, 2, 1.0), verbosity=verbosity)


def test_secrets_are_masked_in_results() -> None:
    text = "\n".join(lines(ended(Status.OK, result={"password": Secret("hunter2")}), verbosity=4))
    assert "hunter2" not in text
    assert '"password"' in text


def test_what_failed_is_said_once() -> None:
    said = "Task failed: Module failed: none"
    told = lines(replace(TASK, span=Span("x.yml", 1, 1)), ended(Status.FAILED, result={"msg": said}))
    assert f"[ERROR]: {said}" in told


def test_a_diff_comes_before_its_line_only_when_something_changed() -> None:
    diff = {"before": "a\n", "after": "b", "before_header": "/x", "after_header": "/x"}
    changed = ended(Status.CHANGED, result={"changed": True, "diff": diff})
    assert lines(changed) == [
        *("--- before: /x", "+++ after: /x", "@@ -1 +1 @@", "-a", "+b", "\\ No newline at end of file"),
        "",
        "changed: [h1]",
    ]
    assert lines(ended(Status.OK, result={"changed": False, "diff": diff})) == ["ok: [h1]"]
    assert lines(replace(changed, diff=False)) == ["changed: [h1]"]


def test_included_files_replace_the_includes_own_lines() -> None:
    task = ev.TaskStarted("k", "Include", "include_tasks")
    told = ev.Included("k", "more.yml", ("h1", "h2"), "a")
    text = shown(task, ended(Status.OK), told)
    assert text.splitlines()[2:] == ["included: more.yml for h1, h2 => (item=a)"]


def test_under_free_a_banner_is_repeated_when_the_task_changes() -> None:
    other = ev.TaskStarted("l", "Other", "ping")
    end = ev.HostFinished("l", "h1", Outcome(Status.OK))
    banners = [line for line in shown(TASK, other, end, ended(Status.OK)).splitlines() if "TASK" in line]
    assert [banner.split("]")[0] for banner in banners] == ["TASK [Copy it", "TASK [Other", "TASK [Copy it"]


def test_the_recap_has_ansibles_columns_and_the_causes() -> None:
    tallies = {"web1": ev.HostTally(ok=12, changed=3, failed=1), "a": ev.HostTally()}
    result = {"msg": "boom", "rc": 1, "cmd": ["/bin/x", "y"], "stderr": "why\n", "hint": "try z"}
    finished = ev.RunFinished("r", tallies, 2, 1.5, advice=("Do it again",))
    text = shown(TASK, ended(Status.FAILED, host="web1", result=result), finished)
    assert text.partition("PLAY RECAP")[2].splitlines()[1:] == [
        f"{'a':<26} : ok=0    changed=0    {ZEROS}",
        f"{'web1':<26} : ok=12   changed=3    {ZEROS.replace('failed=0', 'failed=1')}",
        "",
        "✗ web1  Copy it   site.yml:4:7",
        "    boom",
        "    hint: try z",
        "    command: /bin/x y   rc 1",
        "    │ why",
        "Do it again",
    ]


def test_rescued_failures_are_no_causes() -> None:
    text = shown(TASK, ended(Status.FAILED, rescued=True), ev.RunFinished("r", {}, 0, 1.0))
    assert "✗" not in text


def test_hosts_that_failed_alike_are_told_together() -> None:
    events = [ended(Status.FAILED, host=f"h{n}", result={"msg": "same"}) for n in range(7)]
    text = shown(TASK, *events, ev.RunFinished("r", {}, 2, 1.0))
    assert "✗ h0, h1, h2, h3, h4 and 2 more  Copy it" in text
    assert text.count("    same") == 1


def test_retries_warnings_and_services_have_their_lines() -> None:
    assert lines(ev.Retrying("k", "h1", 2)) == ["FAILED - RETRYING: [h1]: Copy it (2 retries left)."]
    warning = ev.Warned(Diagnostic("O8-1008", "looks odd", Span("a.yml", 3, 2)))
    assert lines(warning) == ["[WARNING]: looks odd", "Origin: a.yml:3:2", ""]
    rollout = ev.RolloutEvent("api", "ready", "h1", 2, 3, "in 1 s")
    assert lines(rollout) == ["service api: ready h1 slot 2 rev 3  in 1 s"]


def test_a_plan_is_told_as_it_is_and_an_unchanged_service_only_by_it() -> None:
    text = "web: revision 1, 3 replicas, rolling: unchanged\n"
    events = (
        ev.RolloutEvent("web", "planned", message=text),
        ev.RolloutEvent("web", "unchanged", revision=1),
    )
    assert lines(*events) == [text.strip()]
    digest = "sha256:" + "0123456789abcdef" * 4
    pulled = ev.RolloutEvent("web", "pull", "h1", message=f"registry/app@{digest}")
    assert lines(pulled) == ["service web: pull h1  registry/app@sha256:0123456789ab"]


def test_paint_is_told_the_status() -> None:
    told: list[str] = []

    def paint(text: str, status: str) -> str:
        told.append(status)
        return f"<{text}>"

    assert lines(ended(Status.CHANGED), paint=paint) == ["<changed: [h1]>"]
    assert told == ["changed"]


def test_what_failed_is_shown_where_it_is_written(tmp_path: Path) -> None:
    book = tmp_path / "site.yml"
    book.write_text("- hosts: all\n  tasks:\n    - fail:\n")
    out = io.StringIO()
    reporter = PlainReporter(out)
    reporter.emit(ev.TaskStarted("k", "Stop", "fail", Span(str(book), 3, 7)))
    reporter.emit(ev.HostFinished("k", "h1", Outcome(Status.FAILED, {"msg": "no"})))
    assert out.getvalue().splitlines()[2:] == [
        "[ERROR]: Task failed: no",
        f"Origin: {book}:3:7",
        "",
        "1 - hosts: all",
        "2   tasks:",
        "3     - fail:",
        "        ^ column 7",
        "",
        'fatal: [h1]: FAILED! => {"msg": "no"}',
    ]


def test_what_failed_of_a_service_is_explained_once_for_all_its_hosts(tmp_path: Path) -> None:
    book = tmp_path / "site.yml"
    book.write_text("- hosts: web\n  services:\n    api: {}\n")
    task = ev.TaskStarted("k", "api", "services", Span(str(book), 3, 5))
    failed = Outcome(Status.FAILED, {"msg": "rolled back"})
    told = lines(task, *(ev.HostFinished("k", host, failed) for host in ("h1", "h2")))
    assert len([line for line in told if line.startswith("[ERROR]")]) == 1
    assert len([line for line in told if line.startswith("fatal: [h")]) == 2


def test_at_the_end_a_brief_reporter_says_only_what_the_results_have_not() -> None:
    out, end = io.StringIO(), io.StringIO()
    reporter = PlainReporter(out, warnings=end, brief=True)
    outcome = Outcome(Status.FAILED, {"msg": "no such thing", "hint": "look there"}, "site.yml:5:9")
    for event in (TASK, ev.HostFinished("k", "h1", outcome), ev.RunFinished("r", {}, 2, 1.0)):
        reporter.emit(event)
    assert "no such thing" in out.getvalue()
    assert end.getvalue() == "\n✗ h1  Copy it   site.yml:4:7\n    at site.yml:5:9\n    hint: look there\n"


@pytest.mark.parametrize(
    ("level", "debug", "there"), [(2, True, True), (ev.DEBUG, False, False), (ev.DEBUG, True, True)]
)
def test_what_nobody_asked_for_is_only_remarked_on_in_debugging(level: int, debug: bool, there: bool) -> None:
    out = io.StringIO()
    PlainReporter(out, verbosity=1, debug=debug).emit(ev.Remarked("META: noop", level))
    assert bool(out.getvalue()) == there
