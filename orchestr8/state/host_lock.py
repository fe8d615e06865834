"""The lease of a project on a host, asked for through its connection."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from orchestr8.core.errors import Diagnostic
from orchestr8.engine.ports import Become, Connection, Request
from orchestr8.engine.services.ports import Bid, Granted, Holding
from orchestr8.state.asked import asked

MODULE = "o8_lock"
_TIMEOUT = 90.0


class HostLock:
    """One project's lease on one host; `root` is the folder of all projects there."""

    def __init__(
        self, host: str, project: str, connection: Callable[[], Connection], become: Become | None, root: str
    ) -> None:
        self._host = host
        self._project = project
        self._connection = connection
        self._become = become
        self._root = root

    def take(self, bid: Bid, over: int | None = None) -> Granted | Holding:
        """Return the lease, or who holds it."""
        wish = {"run": bid.run, "by": bid.by, "reason": bid.reason, "seat": bid.seat}
        answer = self._call({"op": "take", "over": over, "seconds": bid.seconds, **wish})
        if holder := answer.get("holder"):
            return holding(holder, self._project)
        return Granted(int(answer["token"]), bool(answer["clean"]))

    def renew(self, token: int, seconds: float = 60.0) -> bool:
        """Give a sign of life."""
        return bool(self._call({"op": "renew", "token": token, "seconds": seconds})["held"])

    def release(self, token: int) -> None:
        """Give the lease back."""
        self._call({"op": "release", "token": token})

    def end(self, run: str) -> bool:
        """End the lease of a run."""
        return bool(self._call({"op": "break", "run": run})["held"])

    def shown(self) -> list[Holding]:
        """Return the leases on the host: the project's, or those of all projects when it is empty."""
        return [holding(each, str(each["project"])) for each in self._call({"op": "show"})["leases"]]

    def _call(self, args: Mapping[str, Any]) -> dict[str, Any]:
        given = {"project": self._project or None, "root": self._root, **args}
        known = {name: value for name, value in given.items() if value is not None}
        return asked(
            self._connection,
            Request(MODULE, known, become=self._become, timeout=_TIMEOUT),
            lambda why, hint: Diagnostic(
                "O8-3403", f"{self._host}: the lock of services is not accessible: {why}", hint=hint
            ),
        )


def holding(found: Mapping[str, Any], project: str) -> Holding:
    """Return who holds a lease, as a host tells it."""
    texts = {name: str(found.get(name) or "") for name in ("run", "by", "reason", "seat")}
    age = found.get("age")
    return Holding(
        int(found["token"]),
        age=None if age is None else float(age),
        quiet=float(found["quiet"]),
        left=float(found["left"]),
        project=project,
        **texts,
    )
