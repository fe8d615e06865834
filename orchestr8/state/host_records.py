"""Records of revisions kept on a host itself, read and written through its connection."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from orchestr8.core.errors import Diagnostic
from orchestr8.deploy.codec import load, plain
from orchestr8.deploy.model import Revision, Timer
from orchestr8.engine.ports import Become, Connection, Request
from orchestr8.engine.services.ports import Copies, Copy, Watchmaker
from orchestr8.state.asked import asked

ROOT = "/var/lib/orchestr8"
MODULE = "o8_state"
_TIMEOUT = 30.0


class HostRecords:
    """One project's records on one host; with a token they are written as long as its lease is held."""

    def __init__(
        self,
        host: str,
        project: str,
        connection: Callable[[], Connection],
        become: Become | None = None,
        root: str = "",
        token: int | None = None,
    ) -> None:
        self._host = host
        self._project = project
        self._connection = connection
        self._become = become
        self._root = root or ROOT
        self._token = token

    def read(self) -> Copies:
        """Return every record of the project in one round trip."""
        answer = self._call({"op": "read", "project": self._project})
        found: list[Copy] = []
        damaged = [f"{each['path']}: {each['reason']}" for each in answer.get("damaged") or ()]
        for each in answer.get("records") or ():
            try:
                found.append(decoded(each))
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                damaged.append(f"{each['service']} revision {each['number']}: {error}")
        cordoned = str(answer.get("cordoned") or "")
        kept = [load(Timer, each) for each in answer.get("timers") or ()]
        watch = Watchmaker(
            str(answer.get("timekeeper") or ""), frozenset(kept), str(answer.get("clock") or "")
        )
        return Copies(tuple(found), tuple(damaged), int(answer.get("token") or 0), cordoned, watch)

    def write(self, copies: Sequence[Copy], forget: Sequence[tuple[str, int]] = ()) -> None:
        """Write and forget records in one round trip."""
        put = [encoded(copy) for copy in copies]
        gone = [{"service": service, "number": number} for service, number in forget]
        guard = {} if self._token is None else {"token": self._token}
        self._call({"op": "write", "project": self._project, "put": put, "forget": gone, **guard})

    def set_timer(self, timer: Timer, cron: str) -> None:
        """Have the host start a container by its calendar."""
        self._timer({**plain(timer), "cron": cron})

    def drop_timer(self, service: str, slot: int) -> None:
        """Have the host start the container of a slot no more."""
        self._timer({"service": service, "slot": slot})

    def _timer(self, timer: Mapping[str, Any]) -> None:
        guard = {} if self._token is None else {"token": self._token}
        self._call({"op": "timer", "project": self._project, "timer": timer, **guard})

    def cordon(self, mark: str) -> None:
        """Note on the host that nothing new is to start there; an empty mark takes the note away."""
        self._call({"op": "cordon", "mark": mark})

    def projects(self) -> list[str]:
        """Return the projects that have records on the host."""
        return [str(name) for name in self._call({"op": "projects"})["projects"]]

    def _call(self, args: Mapping[str, Any]) -> dict[str, Any]:
        return asked(
            self._connection,
            Request(MODULE, {**args, "root": self._root}, become=self._become, timeout=_TIMEOUT),
            lambda why, hint: Diagnostic(
                "O8-3307", f"{self._host}: the records of revisions are not accessible: {why}", hint=hint
            ),
        )


def encoded(copy: Copy) -> dict[str, Any]:
    """Return a record as the host keeps it."""
    body = {"serial": copy.serial, "record": copy.revision.to_json()}
    text = json.dumps(body, sort_keys=True, indent=1, ensure_ascii=False)
    return {"service": copy.revision.service, "number": copy.revision.number, "text": text}


def decoded(kept: Mapping[str, Any]) -> Copy:
    """Return what a host keeps as a record; raise ValueError when it is not what was written."""
    body = json.loads(kept["text"])
    copy = Copy(Revision.from_json(body["record"]), int(body["serial"]))
    if (copy.revision.service, copy.revision.number) != (kept["service"], kept["number"]):
        raise ValueError("the record is that of another revision")
    return copy
