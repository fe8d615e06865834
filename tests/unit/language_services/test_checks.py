"""Checks between the steps of a rollout as written: what is refused, with its place, what is understood."""

from __future__ import annotations

from typing import Any

import pytest

from orchestr8.core.errors import InvalidInput
from orchestr8.core.secret import Secret
from orchestr8.deploy.gate.check import Check
from orchestr8.deploy.service import Step
from orchestr8.language.services import check, read
from orchestr8.language.services_steps import without_tasks, written_tasks
from orchestr8.language.yaml import load

PROMETHEUS = "prometheus: http://p:9090, query: up"

CASES = [
    ("check: luck", "O8-1602", "a check by http"),
    ("check: [5]", "O8-1602", "a check by http"),
    (
        "check: {name: x}",
        "O8-1602",
        "exactly one of http, exec, prometheus, testinfra, ingress; it has",
    ),
    ("check: {http: /, exec: ls}", "O8-1602", "it has http and exec"),
    ("check: {http: web}", "O8-1602", "begins with http://"),
    ("check: {http: ftp://x/}", "O8-1602", "begins with http://"),
    ("check: {http: /, prot: 80}", "O8-1601", "did you mean `port`?"),
    ("check: {http: /, port: 0}", "O8-1602", "a port from"),
    ("check: {http: /, port: 80, expect: 20}", "O8-1602", "a status code"),
    ("check: {exec: []}", "O8-1602", "a command"),
    ("check: {exec: ls, from: moon}", "O8-1602", "one of container, host, controller"),
    ("check: {exec: ls, success: latency < 5}", "O8-1602", "there are code, output, result"),
    ("check: {exec: ls, success: results < 5}", "O8-1602", "did you mean `result`?"),
    ("check: {exec: ls, success: result <}", "O8-1602", "column 9: did not expect the end"),
    ("check: {exec: ls, interval: 0}", "O8-1602", "more than that"),
    ("check: {exec: ls, count: 0}", "O8-1602", "more than that"),
    ("check: {exec: ls, count: 2, failure_limit: 2}", "O8-1605", "allows all 2 samples"),
    ("check: {exec: ls, inconclusive_limit: 1}", "O8-1605", "allows all 1 samples"),
    ("check: {prometheus: p, query: up, failure: result > 1}", "O8-1602", "begins with http://"),
    ("check: {prometheus: http://p:9090, failure: result > 1}", "O8-1602", "needs `query`"),
    (f"check: {{{PROMETHEUS}}}", "O8-1605", "needs `success` or `failure`"),
    ("check: {ingress: web, success: p95 < 1s}", "O8-1602", "needs true"),
    ("check: {ingress: true, compare: others, success: p95 < 1s}", "O8-1602", "one of stable"),
    ("run: 5", "O8-1602", "a list of tasks"),
    ("run: []", "O8-1602", "a list of tasks"),
]


def written(step: str) -> Any:
    text = f"web:\n  image: a\n  update:\n    strategy: canary\n    steps:\n    - {step}\n"
    return load(text, "site.yml")


@pytest.mark.parametrize(("step", "code", "text"), CASES)
def test_a_mistake_is_named_with_its_place(step: str, code: str, text: str) -> None:
    found = check(written(step))
    assert [(d.code, d.span.line if d.span else 0) for d in found] == [(code, 6)], found
    assert text in f"{found[0].message} {found[0].hint}"


def step_of(text: str, **values: Any) -> Step:
    source = written(text)
    assert check(source) == ()
    return read("web", {**source["web"], **values}, source["web"]).update.steps[0]


def test_readiness_needs_no_check_of_its_own() -> None:
    for text in ("check: readiness", "check:", "check: [readiness]"):
        assert step_of(text) == Step("check")


def test_a_path_is_asked_on_hosts_and_an_address_by_the_controller() -> None:
    made = step_of(
        "check: [{http: /a, port: 80, expect: [200, 301-302]}, {http: 'https://x.y/b', timeout: 2s}]"
    )
    assert made.checks == (
        Check("http", "/a", port=80, expect=((200, 200), (301, 302))),
        Check("http", "https://x.y/b", origin="controller", timeout=2.0),
    )


def test_a_path_needs_a_port_that_is_known() -> None:
    source = written("check: {http: /}")
    assert ["needs `port`" in d.message for d in check(source)] == [True]
    for known in ({"ports": ["8080"]}, {"readiness": {"http": "/", "port": 80}}):
        assert check({"web": {**source["web"], **known}}) == ()


def test_commands_run_in_the_container_unless_told_otherwise() -> None:
    made = step_of(
        "check: [{exec: 'a b'}, {exec: [c], from: host, count: 3, interval: 1s, failure_limit: 1}]"
    )
    assert made.checks == (
        Check("exec", command=("a", "b"), origin="container"),
        Check("exec", command=("c",), origin="host", count=3, interval=1.0, failure_limit=1),
    )


def test_figures_need_a_condition_which_may_speak_of_units() -> None:
    made = step_of(f"check: {{{PROMETHEUS}, success: result <= 1%, failure: result > 5%, name: errors}}")
    assert made.checks[0].title == "errors"
    assert str(made) == "check errors (result <= 1% and not result > 5%)"


def test_figures_of_an_ingress_need_one() -> None:
    found = check(written("check: {ingress: true, compare: stable, success: p95 < stable.p95 * 1.2}"))
    assert [d.code for d in found] == ["O8-1605"]
    assert "needs an `ingress`" in found[0].message


def test_headers_may_be_secret_and_stay_so() -> None:
    source = written(
        f"check: {{{PROMETHEUS}, failure: result > 1, headers: {{Authorization: '{{{{ token }}}}'}}}}"
    )
    assert check(source) == ()
    service = dict(source["web"])
    step = dict(service["update"]["steps"][0]["check"])
    step["headers"] = {"Authorization": Secret("x")}
    service["update"] = {**service["update"], "steps": [{"check": step}]}
    made = read("web", service, source["web"]).update.steps[0]
    assert made.checks[0].headers == {"Authorization": Secret("x")}
    assert "Authorization" not in str(made)


def test_tasks_are_known_by_the_step_they_stand_at() -> None:
    source = written("scale: 1\n    - run: [{debug: }]")
    assert check(source) == ()
    assert [name for name, _ in written_tasks(source["web"])] == ["tasks of step 2"]
    made = read("web", without_tasks(source["web"]), source["web"])
    assert made.update.steps[1] == Step("run", name="tasks of step 2")


def test_a_check_that_cannot_be_read_refuses_the_service() -> None:
    source = written("check: {http: /, success: nonsense ==}")
    with pytest.raises(InvalidInput, match="is no condition"):
        read("web", source["web"], source["web"])
