"""Does exactly what a saved plan says, or nothing."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from orchestr8.app.plan import foresee, text
from orchestr8.app.playbooks import read_project
from orchestr8.app.request import RunRequest
from orchestr8.app.run import carry_out
from orchestr8.app.saved_plan import SavedPlan, read, tasks_of
from orchestr8.app.sinks import choose
from orchestr8.core.clock import SystemClock
from orchestr8.core.errors import Diagnostic, Exit, PlanStale
from orchestr8.engine.services.agreement import Agreement, differences
from orchestr8.report.forecast import Forecast
from orchestr8.transport.pool import Network


def apply(
    name: str, shown: Mapping[str, Any], agree: Callable[[str], bool], *, check: bool, coloured: bool
) -> int:
    """Carry out the plan in a file and return the exit code; raise PlanStale when it does not hold any more.

    Everything is foretold anew and compared before the first change, and services once more in the run.
    """
    saved, clock = read(name), SystemClock()
    saved.require_young(clock.now())
    request, agreed = saved.request(shown), Agreement.of(saved.services)
    forecast = foresee(request, agreed)
    require_same(saved, forecast)
    if not request.as_json:
        sys.stdout.write(text(request, forecast))
    if check or forecast.empty:
        return int(Exit.OK)
    if not agree("Do this now?"):
        return int(Exit.INVALID)
    return _run(request, agreed, coloured=coloured)


def _run(request: RunRequest, agreed: Agreement, *, coloured: bool) -> int:
    network = Network()
    network.warm()
    project = read_project(request)
    sink = choose(request, SystemClock(), coloured=coloured)
    return carry_out(project, project.playbook, request, network, sink, agreed)


def require_same(saved: SavedPlan, forecast: Forecast) -> None:
    """Raise PlanStale with what differs when a run would now do something else than was planned."""
    notes = tuple(_moved(saved, forecast))
    if notes:
        text = "the world has moved since the plan was made; nothing was touched"
        raise PlanStale(Diagnostic("O8-3321", text, hint="make a new plan", notes=notes))


def _moved(saved: SavedPlan, forecast: Forecast) -> Iterator[str]:
    if forecast.exit_code:
        yield f"it would now end with exit code {forecast.exit_code}"
        yield from (line for line in forecast.failures.lines() if line)
        return
    yield from _other_tasks(saved.tasks, tasks_of(forecast))
    if len(saved.services) != len(forecast.plans):
        yield "other plays have services"
        return
    for old, new in zip(saved.services, forecast.plans, strict=True):
        if [s["service"] for s in old["services"]] != [s["service"] for s in new["services"]]:
            yield "other services are wanted"
        else:
            yield from differences(old, new)


def _other_tasks(before: list[Any], after: list[Any]) -> Iterator[str]:
    old, new = _by_host(before), _by_host(after)
    for host, key in sorted(old.keys() | new.keys()):
        a, b = old.get((host, key)), new.get((host, key))
        if a != b:
            row = b or a or ["", "", ""]
            yield f"{host}: {row[1]} {row[2]}: {_movement(a, b)}"


def _by_host(groups: list[Any]) -> dict[tuple[str, str], list[str]]:
    return {(host, row[0]): row[1:] for hosts, rows in groups for row in rows for host in hosts}


def _movement(before: list[str] | None, after: list[str] | None) -> str:
    if before is None:
        return "would change now, and did not when planned"
    return "would not change any more" if after is None else "would change otherwise than planned"
