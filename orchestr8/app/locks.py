"""The locks of services as the hosts tell of them: shown, taken by hand, and broken."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from typing import Any, TypeVar

from orchestr8.app.durations import seconds
from orchestr8.app.fleet import Fleet, open_fleet
from orchestr8.app.request import FleetRequest
from orchestr8.app.services_fleet import chosen, lock_on
from orchestr8.core.clock import SystemClock
from orchestr8.core.errors import Diagnostic, InvalidInput, O8Error
from orchestr8.core.ids import run_id
from orchestr8.engine.services.held import duration, held_by
from orchestr8.engine.services.lease import refusal
from orchestr8.engine.services.play_services import author
from orchestr8.engine.services.ports import Bid, Holding
from orchestr8.engine.services.together import together
from orchestr8.report.columns import columns
from orchestr8.state.host_lock import MODULE

_COLUMNS = ("RUN", "PROJECT", "HOLDER", "FOR", "LAST SIGN", "ENDS IN", "HOSTS", "REASON")

Result = TypeVar("Result")


def show_locks(request: FleetRequest) -> str:
    """Return who holds which lock, as text or JSON; hosts that do not answer are named."""
    with open_fleet(request, [MODULE]) as fleet:
        found, errors = _everywhere(fleet, lambda name: lock_on(fleet, name).shown())
    held = _by_run((host, each) for host, some in found.items() for each in some)
    if request.as_json:
        rows = [{**asdict(each), "hosts": hosts} for each, hosts in held]
        return json.dumps({"locks": rows, "unreachable": errors}, indent=2)
    lines = [f"{host}: no answer: {why}" for host, why in sorted(errors.items())]
    if not held:
        return "\n".join(["nobody holds a lock", *lines])
    return "\n".join([*columns(_COLUMNS, [_cells(each, hosts) for each, hosts in held]), *lines])


def release_lock(request: FleetRequest, run: str) -> str:
    """End the lock of a run on all hosts; what that run still sends them is refused."""
    with open_fleet(request, [MODULE]) as fleet:
        found, errors = _everywhere(fleet, lambda name: lock_on(fleet, name).shown())
        held = [(host, each) for host, some in found.items() for each in some if each.run == run]
        ended = together(lambda item: _end(fleet, *item), held, fleet.options.forks)
    if not any(ended):
        known = ", ".join(sorted({each.run for some in found.values() for each in some}))
        missing = "".join(f"; {host} does not answer" for host in sorted(errors))
        hint = f"there are {known}" if known else "nobody holds a lock"
        raise InvalidInput(Diagnostic("O8-3407", f"there is no lock of run {run}{missing}", hint=hint))
    hosts = sorted(host for (host, _), done in zip(held, ended, strict=True) if done)
    if request.as_json:
        return json.dumps({"run": run, "released": hosts, "unreachable": errors}, indent=2)
    return f"released on {', '.join(hosts)}; what run {run} still sends there is refused"


def acquire_lock(request: FleetRequest, project: str | None, lasting: str, reason: str) -> str:
    """Keep everybody from changing a project's services for a while; raise LockHeld."""
    run, life = run_id(SystemClock()), seconds(lasting)
    with open_fleet(request, [MODULE]) as fleet:
        names = chosen(fleet, project)
        if len(names) != 1:
            text = f"one project is locked at a time; there are {', '.join(names) or 'none'}"
            raise InvalidInput(Diagnostic("O8-3311", text, hint="choose one with --project"))
        bid = Bid(run, author(), reason, "", life)
        hosts = sorted(fleet.select())
        _take_everywhere(fleet, names[0], bid, hosts)
    if request.as_json:
        return json.dumps({"run": run, "project": names[0], "seconds": life, "hosts": hosts}, indent=2)
    return f"`{names[0]}` is locked for {duration(life)}; end it with: o8 lock release {run}"


def _take_everywhere(fleet: Fleet, project: str, bid: Bid, hosts: list[str]) -> None:
    """Take a project's lease on all hosts or, raising LockHeld or what went wrong, on none."""
    held: dict[str, int] = {}

    def ask(host: str) -> tuple[str, Holding] | None:
        answer = lock_on(fleet, host, project).take(bid)
        if isinstance(answer, Holding):
            return host, answer
        held[host] = answer.token
        return None

    try:
        if refused := refusal(ask, hosts, fleet.options.forks):
            raise held_by(refused, project, 0)
    except O8Error:
        together(lambda h: lock_on(fleet, h, project).release(held[h]), list(held), fleet.options.forks)
        raise


def _end(fleet: Fleet, host: str, holding: Holding) -> bool:
    return lock_on(fleet, host, holding.project).end(holding.run)


def _everywhere(fleet: Fleet, ask: Callable[[str], Result]) -> tuple[Mapping[str, Result], dict[str, str]]:
    """Return what each host answers, and why others do not."""
    errors: dict[str, str] = {}
    found: dict[str, Result] = {}

    def one(name: str) -> None:
        try:
            found[name] = ask(name)
        except O8Error as error:
            errors[name] = error.message

    together(one, fleet.select(), fleet.options.forks)
    return dict(sorted(found.items())), errors


def _by_run(found: Iterable[tuple[str, Holding]]) -> list[tuple[Holding, list[str]]]:
    """Return each run's lock as it was heard of last, and its hosts."""
    runs: dict[tuple[str, str], list[tuple[str, Holding]]] = {}
    for host, each in found:
        runs.setdefault((each.project, each.run), []).append((host, each))
    return [
        (min((h for _, h in some), key=lambda h: h.quiet), [host for host, _ in some])
        for _, some in sorted(runs.items())
    ]


def _cells(holding: Holding, hosts: list[str]) -> tuple[Any, ...]:
    age = "?" if holding.age is None else duration(holding.age)
    return (
        holding.run, holding.project, holding.by, age, duration(holding.quiet), duration(holding.left),
        ",".join(hosts), holding.reason,
    )  # fmt: skip
