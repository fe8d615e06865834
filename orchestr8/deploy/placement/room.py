"""What is still free on each host."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from orchestr8.deploy.observed import HostFacts, Replica
from orchestr8.deploy.service import Claim

_ANY = ("", "0.0.0.0", "::", "[::]")  # noqa: S104 – compared, never bound
_SLACK = 1e-9


@dataclass(slots=True)
class Room:
    """A host's free cpus and memory, its taken ports and volumes, and how many containers it runs.

    `owners` are the services that hold ports and volumes, as far as they are known.
    """

    host: HostFacts
    cpus: float = 0.0
    memory: int = 0
    ports: list[tuple[str, int, str]] = field(default_factory=list)
    volumes: set[str] = field(default_factory=set)
    load: int = 0
    owners: dict[tuple[str, int, str] | str, str] = field(default_factory=dict)

    @staticmethod
    def of(host: HostFacts) -> Room:
        """Return the room that strangers leave on a host."""
        room = Room(host, host.cpus, host.memory)
        for claim in host.strangers:
            room.take(claim)
        room.ports.extend(listener.claim for listener in host.listeners)
        return room

    def take(self, claim: Claim) -> None:
        """Give a claim its share."""
        self.cpus -= claim.cpus
        self.memory -= claim.memory
        self.ports.extend(claim.ports)
        self.volumes.update(claim.volumes)
        self.load += 1
        if claim.by:
            self.owners.update(dict.fromkeys((*claim.ports, *claim.volumes), claim.by))

    def leave(self, claim: Claim) -> None:
        """Take a claim's share back."""
        self.cpus += claim.cpus
        self.memory += claim.memory
        self.load -= 1
        for port in claim.ports:
            self.ports.remove(port)
        self.volumes.difference_update(claim.volumes)

    def apart(self) -> Room:
        """Return a room of its own, for trying things out."""
        return replace(self, ports=list(self.ports), volumes=set(self.volumes), owners=dict(self.owners))

    def lacks(self, claim: Claim) -> str:
        """Return what is missing for a claim, or an empty text when it fits; an unknown size always fits."""
        if claim.memory and self.host.memory and claim.memory > self.memory:
            return f"insufficient memory|needs {size(claim.memory)}, {size(max(0, self.memory))} free"
        if claim.cpus and self.host.cpus and claim.cpus > self.cpus + _SLACK:
            return f"insufficient cpus|needs {claim.cpus:g}, {max(0.0, self.cpus):g} free"
        for port in claim.ports:
            if any(_clash(port, taken) for taken in self.ports):
                return f"port {port[1]}/{port[2]} is taken|{holder(self.host, port) or self._owner(port)}"
        shared = self.volumes & set(claim.volumes)
        return f"volume {min(shared)} is in use|{self._owner(min(shared))}" if shared else ""

    def _owner(self, wanted: tuple[str, int, str] | str) -> str:
        """Return `by whom` of our own services a port or volume is held; empty when that is not known."""
        ports = () if isinstance(wanted, str) else (taken for taken in self.ports if _clash(wanted, taken))
        owner = next((self.owners[key] for key in (wanted, *ports) if key in self.owners), "")
        return f"by `{owner}`" if owner else ""

    def places(self, claim: Claim, most: int) -> int:
        """Return how many more claims like this fit, `most` at most; an unknown size holds any number."""
        if self.lacks(claim):
            return 0
        if claim.ports or claim.volumes:
            return 1
        sizes = [self.memory // claim.memory] if claim.memory and self.host.memory else []
        if claim.cpus and self.host.cpus:
            sizes.append(int((self.cpus + _SLACK) / claim.cpus))
        return min([most, *sizes])

    def used(self, claim: Claim) -> float | None:
        """Return the share of the host in use once a claim is in, or None when that is not known."""
        shares = []
        if claim.memory and self.host.memory:
            shares.append(1 - (self.memory - claim.memory) / self.host.memory)
        if claim.cpus and self.host.cpus:
            shares.append(1 - (self.cpus - claim.cpus) / self.host.cpus)
        return max(shares, default=None)


def holder(host: HostFacts, port: tuple[str, int, str], but: str = "") -> str:
    """Return `by whom` a port is held that others hold, but for one program; empty when that is not known."""
    held = (x.by for x in host.listeners if x.by and _clash(port, x.claim))
    return next((f"by {by}" for by in held if by.split()[0] != but), "")


def _clash(a: tuple[str, int, str], b: tuple[str, int, str]) -> bool:
    return a[1:] == b[1:] and (a[0] == b[0] or a[0] in _ANY or b[0] in _ANY)


def rooms_of(hosts: Iterable[HostFacts], replicas: Iterable[Replica]) -> dict[str, Room]:
    """Return every host's room with all live replicas in."""
    rooms = {h.name: Room.of(h) for h in sorted(hosts, key=lambda h: h.name)}
    for replica in replicas:
        if replica.live and replica.host in rooms:
            rooms[replica.host].take(replica.claim)
    return rooms


def size(count: int) -> str:
    """Return bytes in the unit people write."""
    for unit, step in (("G", 2**30), ("M", 2**20), ("K", 2**10)):
        if count >= step:
            return f"{count / step:.4g}{unit}"
    return f"{count}B"
