"""Host ports that containers get for themselves, so that edges can reach each of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from hashlib import sha256

from orchestr8.deploy.action import Action
from orchestr8.deploy.index import index_of
from orchestr8.deploy.ingress import FIRST_PORT, LAST_PORT
from orchestr8.deploy.observed import Observed
from orchestr8.deploy.placement.room import Room
from orchestr8.deploy.service import claim_of


def free_port(name: str, taken: Collection[int]) -> int:
    """Return a port that nobody has, the same for the same container as long as it is free."""
    number = LAST_PORT - FIRST_PORT + 1
    first = int(sha256(name.encode()).hexdigest()[:8], 16)
    ports = (FIRST_PORT + (first + step) % number for step in range(number))
    return next((port for port in ports if port not in taken), FIRST_PORT + first % number)


def taken_ports(observed: Observed, room: Room, doing: Iterable[Action]) -> set[int]:
    """Return the ports of a host that are held, that stopped containers will want again, or are promised."""
    host = room.host.name
    stopped = (r.claim for r in index_of(observed).on.get(host, ()) if not r.live)
    begun = (claim_of(a.spec) for a in doing if a.kind == "create" and a.host == host and a.spec is not None)
    claims = [*stopped, *begun]
    return {port for _, port, _ in room.ports} | {port for c in claims for _, port, _ in c.ports}
