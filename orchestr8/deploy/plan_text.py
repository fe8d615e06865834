"""A plan as text for people and for golden tests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from orchestr8.deploy.diff import Change
from orchestr8.deploy.placement.place import Seat
from orchestr8.deploy.placement.score import mean
from orchestr8.deploy.plan_steps import steps
from orchestr8.deploy.planner import Plan, ServicePlan

_SIGNS = {"replace": "~", "in-place": "≈", "none": "·"}
_MOST = 12
_DIGEST = 12


def render(plan: Plan) -> str:
    """Return the plan's text form; equal plans give equal texts."""
    busy = {a.service for wave in (*plan.trace.waves, *plan.trace.later) for a in wave}
    lines = [line for s in plan.services for line in (_service(s) if _moves(s, busy) else _still(s))]
    if not plan.infeasible:
        now = steps(plan.trace.waves)
        lines += [f"{n:3}. {text}" for n, text in enumerate(now, 1)]
        lines += [f"     — {name} {reason} —" for name, reason in sorted(plan.trace.paused.items())]
        lines += [f"{n:3}. {text}" for n, text in enumerate(steps(plan.trace.later), len(now) + 1)]
    if plan.orphans:
        lines.append("orphans (left alone):")
        lines.extend(f"  {name}" for name in plan.orphans)
    return "\n".join(lines) + "\n"


def exact(image: str, pinned: str) -> str:
    """Return an image as written and the beginning of the digest it stands for: `app:v1 (0f3a…)`."""
    digest = pinned.rpartition("sha256:")[2]
    if not pinned or pinned == image or not digest:
        return image
    return f"{image} ({digest[:_DIGEST]})"


def _moves(plan: ServicePlan, busy: set[str]) -> bool:
    return plan.service in busy or plan.verdict.end != "converged"


def _still(plan: ServicePlan) -> Iterator[str]:
    yield f"{_headline(plan)}: unchanged"
    yield from (f"  {_SIGNS['none']} {change}, for changes to come" for change in plan.changes)


def _service(plan: ServicePlan) -> Iterator[str]:
    yield _headline(plan)
    yield from _image(plan)
    for change in plan.changes:
        if change.field not in ("image", "pinned"):
            yield f"  {_SIGNS[change.effect]} {change}"
    yield from _places(plan)
    if plan.route:
        yield f"  route: {plan.route} on {_listed(plan.edges)}"
    if plan.together:
        yield f"  together with {', '.join(plan.together)}: all of them come to a good end, or all go back"
    if plan.verdict.end == "paused":
        yield f"  paused: {plan.verdict.reason}"
    elif plan.feasible and plan.verdict.end != "converged":
        yield f"  {plan.verdict.reason}"
    elif not plan.feasible:
        yield f"  CANNOT BE DONE: {plan.verdict.reason}"
        yield from (f"    {line}" for line in plan.hosts)
        return
    if plan.steps and plan.verdict.end in ("converged", "paused"):
        yield f"  steps: {' → '.join(plan.steps)}"
    if plan.downtime:
        yield f"  downtime: slots {', '.join(map(str, plan.downtime))} stop before their successor starts"
    if plan.seats and not plan.spec_strategy.startswith("job"):
        yield f"  at most {plan.peak} container{_s(plan.peak)}, at least {plan.least} serving"


def _image(plan: ServicePlan) -> Iterator[str]:
    """Yield the image, and what it was before when it changes: a tag may stand for something else now."""
    known = {c.field: c for c in plan.changes}
    tag, pin = known.get("image"), known.get("pinned")
    now = exact(plan.image, plan.pinned)
    if tag is None and pin is None:
        yield f"  image: {now}"
        return
    before = exact(_before(tag, plan.image), _before(pin, plan.pinned))
    sign = _SIGNS["replace" if pin is not None or not plan.pinned else "none"]
    yield f"  {sign} image: {before} → {now}"


def _before(change: Change | None, now: str) -> str:
    return now if change is None else change.before


def _places(plan: ServicePlan) -> Iterator[str]:
    if plan.kept:
        yield f"  stay: {_listed(f'{slot} on {host}' for slot, host in plan.kept.items())}"
    if plan.seats and all(seat.kept for seat in plan.seats.values()):
        yield "  place: as before"
        return
    reasons: dict[str, list[str]] = {}
    for slot, seat in plan.seats.items():
        reasons.setdefault(_why(seat), []).append(f"{slot} on {seat.host}")
    for why, places in list(reasons.items())[:_MOST]:
        yield f"  new: {_listed(places)}{why}"


def _listed(places: Iterable[str]) -> str:
    found = list(places)
    more = f" and {len(found) - _MOST} more" if len(found) > _MOST else ""
    return ", ".join(found[:_MOST]) + more


def _why(seat: Seat) -> str:
    if seat.kept:
        return ", where it was"
    return f"  [{mean(seat.terms):+.2f}: {', '.join(map(str, seat.terms))}]" if seat.terms else ""


def _headline(plan: ServicePlan) -> str:
    revision = f"revision {plan.revision}"
    if plan.before is not None and plan.before != plan.revision:
        revision = f"revision {plan.before} → {plan.revision}"
    if plan.spec_strategy.startswith("job at "):
        timers = f"{plan.wanted} timer{_s(plan.wanted)}"
        return f"{plan.service}: revision {plan.revision}, {plan.spec_strategy}, {timers}"
    if plan.spec_strategy == "job":
        return f"{plan.service}: {revision}, job, {plan.wanted} to complete"
    return f"{plan.service}: {revision}, {plan.wanted} replica{_s(plan.wanted)}, {plan.spec_strategy}"


def _s(number: int) -> str:
    return "" if number == 1 else "s"
