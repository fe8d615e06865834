"""A plan as text for people and for golden tests."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from orchestr8.deploy.action import Action
from orchestr8.deploy.placement.place import Seat
from orchestr8.deploy.placement.score import mean
from orchestr8.deploy.planner import Plan, ServicePlan


def render(plan: Plan) -> str:
    """Return the plan's text form; equal plans give equal texts."""
    lines = [line for service in plan.services for line in _service(service)]
    if plan.empty and not plan.infeasible:
        lines.append("no changes")
    for number, wave in enumerate(plan.trace.waves, 1):
        if not plan.infeasible:
            lines.extend(_wave(number, wave))
    if plan.orphans:
        lines.append("orphans (left alone):")
        lines.extend(f"  {name}" for name in plan.orphans)
    return "\n".join(lines) + "\n"


def _service(plan: ServicePlan) -> Iterator[str]:
    yield _headline(plan)
    image = plan.image if plan.pinned in ("", plan.image) else f"{plan.image} = {plan.pinned}"
    yield f"  image {image}"
    for change in plan.changes:
        yield f"  {_SIGNS[change.effect]} {change}"
    for slot, seat in plan.seats.items():
        yield f"  slot {slot} on {seat.host}: new{_why(seat)}"
    for slot, host in plan.kept.items():
        yield f"  slot {slot} on {host}: stays"
    if plan.verdict.end != "converged":
        yield f"  CANNOT BE DONE: {plan.verdict.reason}"
        yield from (f"    {line}" for line in plan.hosts)
        return
    if plan.downtime:
        yield f"  downtime: slots {', '.join(map(str, plan.downtime))} stop before their successor starts"
    if plan.seats:
        yield f"  at most {plan.peak} containers, at least {plan.least} serving"


def _why(seat: Seat) -> str:
    if seat.kept:
        return ", where it was"
    return f"  [{mean(seat.terms):+.2f}: {', '.join(map(str, seat.terms))}]" if seat.terms else ""


_SIGNS = {"replace": "~", "in-place": "≈", "none": "·"}


def _headline(plan: ServicePlan) -> str:
    revision = f"revision {plan.revision}"
    if plan.before is not None and plan.before != plan.revision:
        revision = f"revision {plan.before} → {plan.revision}"
    number = f"{plan.wanted} replica{'' if plan.wanted == 1 else 's'}"
    return f"{plan.service}: {revision}, {number}, {plan.spec_strategy}"


def _wave(number: int, wave: tuple[Action, ...]) -> Iterator[str]:
    ordered = sorted(enumerate(wave), key=lambda pair: (pair[1].service, pair[1].host, pair[0]))
    groups = groupby((a for _, a in ordered), key=lambda a: (a.service, a.host))
    for (service, host), actions in groups:
        yield f"{number:3}. {service}{f' on {host}' if host else ''}: {'; '.join(map(_action, actions))}"


def _action(action: Action) -> str:
    subject = action.name or (str(action.revision) if action.kind == "record" else action.image)
    reason = (
        f" ({action.reason})"
        if action.reason and action.kind in ("create", "stop", "remove", "record")
        else ""
    )
    return f"{action.kind} {subject}{reason}".replace("  ", " ")
