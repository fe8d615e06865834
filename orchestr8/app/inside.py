"""Runs a command inside the containers of a service."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from orchestr8.app.fleet import open_fleet
from orchestr8.app.request import FleetRequest
from orchestr8.app.services import MODULES
from orchestr8.app.services_fleet import Deployed, chosen, deployed, unseen, with_service
from orchestr8.app.status import Quiet
from orchestr8.core.errors import Diagnostic, Exit, InvalidInput
from orchestr8.deploy.model import Replica
from orchestr8.engine.services.together import together


@dataclass(frozen=True, slots=True)
class Inside:
    """Where the command runs: one replica of a service, the one in `slot`, or each of them."""

    service: str
    command: tuple[str, ...]
    slot: int | None = None
    each: bool = False
    project: str | None = None
    timeout: float = 3600.0


def run_inside(
    request: FleetRequest, wish: Inside, write: Callable[[str], None], warn: Callable[[Diagnostic], None]
) -> int:
    """Run the command and write what it says; return its exit code.

    That is 2 when one of several failed, else 4 when each was asked for and hosts cannot be reached.
    """
    if not wish.command:
        raise InvalidInput(Diagnostic("O8-3319", "there is no command to run", hint="give it after --"))
    with open_fleet(request, MODULES) as fleet:
        found = with_service(deployed(fleet, chosen(fleet, wish.project), Quiet()), wish.service)
        replicas = _replicas(found, wish)
        missing = unseen(found) if wish.each else None
        answers = together(lambda r: _answer(found, r, wish), replicas, fleet.options.forks)
    for replica, (code, output) in zip(replicas, answers, strict=True):
        if request.as_json:
            row = {"host": replica.host, "slot": replica.slot, "container": replica.name}
            write(json.dumps({**row, "rc": code, "output": output}, ensure_ascii=False))
        else:
            heading = f"{replica.host} slot {replica.slot} | rc={code} >>\n" if wish.each else ""
            write(heading + output.rstrip("\n"))
    if missing:
        warn(missing)
    return _code([code for code, _ in answers], whole=missing is None)


def _code(codes: Sequence[int], *, whole: bool) -> int:
    if any(codes):
        return codes[0] if len(codes) == 1 else int(Exit.FAILED)
    return int(Exit.OK if whole else Exit.UNREACHABLE)


def _answer(found: Deployed, replica: Replica, wish: Inside) -> tuple[int, str]:
    runtime = found.rollout.crew.sites[replica.host].runtime
    return runtime.execute(replica.name, wish.command, wish.timeout)


def _replicas(found: Deployed, wish: Inside) -> Sequence[Replica]:
    """Return the replicas to run it in: healthy ones first, of the newest revision first."""
    mine = (r for r in found.observed.of(wish.service) if wish.slot in (None, r.slot))
    live = [r for r in mine if r.state == "running"]
    if not live:
        text = f"no replica of `{wish.service}` runs" + (f" in slot {wish.slot}" if wish.slot else "")
        raise InvalidInput(Diagnostic("O8-3319", text, hint="`o8 status` shows what there is"))
    live.sort(key=lambda r: (not r.serving, -r.revision, r.slot))
    return sorted(live, key=lambda r: r.slot) if wish.each else live[:1]
