"""Samples taken on the hosts of the new replicas: requests, and commands in containers or beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from orchestr8.core.errors import Diagnostic
from orchestr8.core.secret import Secret
from orchestr8.deploy.gate.check import Check
from orchestr8.deploy.gate.expression import Value, Values
from orchestr8.deploy.model import Action, Desired, Observed, Readiness, Replica, last_good
from orchestr8.deploy.service import asked_port
from orchestr8.engine.services.gate_port import Question, Reading, Unanswered
from orchestr8.engine.services.ports import Answer, Site, Target
from orchestr8.engine.services.prober import target

_BODY = 16384
_SHOWN = 120


def question(
    wanted: Desired, action: Action, number: int, observed: Observed, sites: Mapping[str, Site]
) -> Question:
    """Return the question of a sample: the check of an action, and the running replicas of its revision."""
    spec = wanted.spec
    good = last_good(observed.history(spec.name), wanted.revision)
    mine = [
        (sites[r.host], r)
        for r in observed.of(spec.name)
        if r.spec_hash == spec.workload.spec_hash and r.state == "running" and r.host in sites
    ]
    stable = 0 if good is None else good.number
    return Question(action.checks[number], spec, wanted.revision, stable, action.step, tuple(mine), sites)


def ask_sites(question: Question) -> Reading:
    """Return what the new replicas say; raise Unanswered when there is none, or one cannot be asked."""
    if not question.replicas:
        raise Unanswered(Diagnostic("O8-3361", "no new replica runs"))
    if question.check.kind == "http":
        return _requested(question)
    return _executed(question)


def _requested(question: Question) -> Reading:
    answers: list[Answer] = []
    for site in {s.name: s for s, _ in question.replicas}.values():
        mine = [r for s, r in question.replicas if s.name == site.name]
        answers += site.probe([_target(question, r) for r in mine])
    values: list[Values] = [{"status": a.status, "body": a.body, "seconds": a.seconds} for a in answers]
    bad = [a for a in answers if not a.ok]
    worst = (bad or answers)[0]
    return Reading(tuple(values), tuple(a.ok for a in answers), worst.detail[:_SHOWN])


def _target(question: Question, replica: Replica) -> Target:
    check, spec = question.check, question.spec
    port = asked_port(spec, check)
    host = check.headers.get("Host", "")
    rule = Readiness("http", check.target, port, _bare(host), check.expect, timeout=check.timeout)
    found = target(replica, replace(spec, readiness=rule))
    if found is None:
        raise Unanswered(Diagnostic("O8-3361", f"{replica.name} has no address to ask"))
    headers = {name: _bare(value) for name, value in check.headers.items() if name != "Host"}
    return replace(found, headers=headers, shown=_BODY)


def _bare(value: str | Secret) -> str:
    return value.reveal() if isinstance(value, Secret) else value


def _executed(question: Question) -> Reading:
    found = [_execute(question.check, site, replica) for site, replica in _places(question)]
    values = tuple(values_of(code, output) for code, output in found)
    code, output = next(((c, o) for c, o in found if c), found[0])
    return Reading(values, tuple(c == 0 for c, _ in found), told(code, output))


def _places(question: Question) -> list[tuple[Site, Replica]]:
    """Return where to run a command: in each container, or once on each host of one."""
    if question.check.origin == "container":
        return list(question.replicas)
    return list({site.name: (site, replica) for site, replica in question.replicas}.values())


def _execute(check: Check, site: Site, replica: Replica) -> tuple[int, str]:
    if check.origin == "container":
        return site.runtime.execute(replica.name, check.command, check.timeout)
    if site.execute is None:
        raise Unanswered(Diagnostic("O8-3361", f"nothing can be run on {site.name}"))
    ended = site.execute(check.command, check.timeout)
    return ended.code, ended.stdout + ended.stderr


def values_of(code: int, output: str) -> Values:
    """Return the values of a command: exit code, output, and the number that its last line is."""
    last = output.strip().rpartition("\n")[2]
    return {"code": float(code), "output": output[:_BODY], "result": number(last)}


def number(text: str) -> Value:
    """Return the number that a text states, or None."""
    try:
        return float(text)
    except ValueError:
        return None


def told(code: int, output: str) -> str:
    """Return an exit code and the beginning of an output in one line."""
    line = " ".join(output.split())[:_SHOWN]
    return f"exit code {code}{f': {line}' if line else ''}"
