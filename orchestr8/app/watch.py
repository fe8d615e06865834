"""Looks on while a rollout goes on, whoever carries it out and from wherever."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

from orchestr8.app.fleet import Fleet, open_fleet
from orchestr8.app.request import FleetRequest
from orchestr8.app.services import MODULES
from orchestr8.app.services_fleet import Deployed, chosen, deployed, lock_on, with_service
from orchestr8.app.status import Quiet
from orchestr8.core.clock import SystemClock
from orchestr8.core.errors import Diagnostic, Exit, InvalidInput, O8Error
from orchestr8.deploy.onlooker import End, Picture, changes, picture
from orchestr8.engine.services.together import together

Write = Callable[[str], None]
Show = Callable[[Picture], None]

_EXITS: dict[End, Exit] = {
    "good": Exit.OK,
    "rolled_back": Exit.ROLLED_BACK,
    "rollback_failed": Exit.ROLLBACK_FAILED,
    "failed": Exit.FAILED,
    "paused": Exit.PAUSED,
    "abandoned": Exit.PAUSED,
}
_HINTS: dict[End, str] = {
    "good": "revision {p.target} is good",
    "rolled_back": "revision {p.target} failed and was taken back: {p.reason}",
    "rollback_failed": "revision {p.target} failed and not everything is as before: {p.reason}",
    "failed": "revision {p.target} failed and stays as it is: {p.reason}",
    "paused": "waits for {p.waiting}; `o8 promote`, `o8 resume` or `o8 abort` it",
    "abandoned": "nobody carries it out; `o8 resume` goes on with it, `o8 abort` takes it back",
}
_WITNESSES = 3
_SURE = 2
"""How often in a row an end has to be seen; between two holders there may be a moment without one."""


@dataclass(frozen=True, slots=True)
class Onlooking:
    """What is looked at, and every how many seconds."""

    service: str
    project: str | None = None
    interval: float = 1.0


def watch(request: FleetRequest, wish: Onlooking, write: Write, *, live: bool) -> int:
    """Tell what happens until the rollout has ended; return the exit code it ended with.

    With `live` a picture is drawn over and over, else each change is a line, or each picture one of JSON.
    """
    with open_fleet(request, MODULES) as fleet:
        found = with_service(deployed(fleet, chosen(fleet, wish.project), Quiet()), wish.service)
        if not found.observed.history(wish.service):
            text = f"`{wish.service}` has no record"
            raise InvalidInput(Diagnostic("O8-3312", text, hint="`o8 status` shows what runs"))
        drawn = _drawn() if live else nullcontext(_told(request, write))
        with drawn as show:
            last = _followed(_pictures(fleet, found, wish), show)
    text = _HINTS[last.end].format(p=last)
    code = _EXITS[last.end]
    if request.as_json:
        text = json.dumps({"service": wish.service, "end": last.end, "message": text, "exit_code": int(code)})
    write(text)
    return int(code)


def _drawn() -> AbstractContextManager[Show]:
    from orchestr8.report.rollout_view import drawn

    return drawn()


def _told(request: FleetRequest, write: Write) -> Show:
    before: list[Picture] = []

    def show(now: Picture) -> None:
        lines = list(changes(before[-1] if before else None, now))
        before[:] = [now]
        if request.as_json and lines:
            moment = SystemClock().now().isoformat(timespec="milliseconds")
            write(json.dumps({"time": moment, "changes": lines, **now.to_json()}, ensure_ascii=False))
        elif not request.as_json:
            for line in lines:
                write(f"{now.service}: {line}")

    return show


def _followed(pictures: Iterator[Picture], show: Show) -> Picture:
    """Show pictures until the end is certain; return the last one."""
    seen = 0
    for now in pictures:
        show(now)
        seen = seen + 1 if now.end else 0
        if now.end == "good" or seen >= _SURE:
            return now
    raise AssertionError("pictures never end by themselves")


def _pictures(fleet: Fleet, found: Deployed, wish: Onlooking) -> Iterator[Picture]:
    observed = found.observed
    while True:
        hosts = [r.host for r in observed.of(wish.service)] or list(found.rollout.crew.sites)
        yield picture(observed, wish.service, _holder(fleet, found, hosts))
        time.sleep(wish.interval)
        observed = found.rollout.glance()


def _holder(fleet: Fleet, found: Deployed, hosts: list[str]) -> str:
    """Return who changes the project now, as a few of the service's hosts tell."""
    answering = [h for h in dict.fromkeys(hosts) if h not in found.rollout.crew.lost]

    def ask(host: str) -> str:
        try:
            held = lock_on(fleet, host, found.project).shown()
        except O8Error:
            return ""
        return next((f"{h.by} ({h.reason})" if h.reason else h.by for h in held), "")

    named = together(ask, answering[:_WITNESSES], _WITNESSES)
    return next((name for name in named if name), "")
