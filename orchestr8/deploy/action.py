"""What can be done to the world, in steps that are harmless when done twice."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from orchestr8.deploy.gate.check import Check
from orchestr8.deploy.revision import Revision
from orchestr8.deploy.service import ServiceSpec
from orchestr8.deploy.traffic import Member, Route

Kind = Literal[
    "pull",
    "pin",
    "unpin",
    "create",
    "start",
    "wait_ready",
    "stop",
    "remove",
    "rename",
    "update_inplace",
    "record",
    "set_timer",
    "drop_timer",
    "check",
    "run",
    "attach",
    "drain",
    "detach",
    "set_weight",
    "route",
]

ROADWORK: tuple[Kind, ...] = ("attach", "drain", "detach", "set_weight", "route")
"""What is done on an edge."""


COMPLETES = "runs to completion"
"""Why a job's container is created and started."""


@dataclass(frozen=True, slots=True)
class Action:
    """One step.

    pull: `image` on `host`. pin/unpin: keep-tag `service:revision` for `image` on `host`.
    create: container `name` on `host` from `spec`, not started. start/stop/remove: container `name`
    (`container` is its id when known) on `host`; remove never touches a live container.
    wait_ready: probe `name` by `spec.readiness`. update_inplace: set `spec.workload.limits` on `name`.
    record: write `revision_record` to the hosts (`host` is empty: the caller chooses which).
    set_timer: have `host` start container `name` by the calendar of `spec`; drop_timer: no more.
    check: take the samples of `checks` that are due at `step`. run: run the tasks called `name` of `step`.
    attach/drain/detach/set_weight/route: the balancer on `host` has this `route` and these `members` of the
    service, and nothing of it without a route; the kind says what for.
    """

    kind: Kind
    service: str
    host: str = ""
    slot: int = 0
    revision: int = 0
    name: str = ""
    container: str = ""
    image: str = ""
    reason: str = ""
    spec: ServiceSpec | None = field(default=None, repr=False, compare=False)
    revision_record: Revision | None = field(default=None, repr=False, compare=False)
    step: int = 0
    checks: tuple[Check, ...] = field(default=(), repr=False)
    route: Route | None = field(default=None, repr=False)
    members: tuple[Member, ...] = ()

    @property
    def chain(self) -> tuple[str, int, str]:
        """Return the key of the sequence it belongs to.

        Actions of one decision with the same key run in order, and after a failed one the rest of its
        chain is left out; different chains may run at the same time.
        """
        edge = self.kind in ROADWORK
        return (self.host, self.slot, f"edge {self.service}" if edge else "" if self.slot else self.image)

    @property
    def key(self) -> str:
        """Return the action's name."""
        return f"{self.kind} {self.service}/{self.slot}@{self.revision} on {self.host or '*'}"

    def to_json(self) -> dict[str, Any]:
        """Return the action as JSON values, without the spec."""
        names = ("kind", "service", "host", "slot", "revision", "name", "image", "reason", "step")
        found = {n: getattr(self, n) for n in names if getattr(self, n)}
        return {**found, "members": {m.name: m.share for m in self.members}} if self.members else found


@dataclass(frozen=True, slots=True)
class Failure:
    """An action that ended badly; `permanent` when trying again cannot help (no such image, port taken)."""

    action: Action
    message: str
    permanent: bool = False
