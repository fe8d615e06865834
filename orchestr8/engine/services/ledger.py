"""One history out of the copies that hosts keep: the newest intact copy wins, the others are healed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from orchestr8.deploy.model import Revision, Timer
from orchestr8.deploy.rollout.retain import expired
from orchestr8.engine.services.ports import Copies, Copy, Watchmaker

MOST_COPIES = 5
_Key = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Repair:
    """What a host has to write and to forget to agree with the others."""

    put: tuple[Copy, ...] = ()
    forget: tuple[_Key, ...] = ()


class Ledger:
    """The records of a project as all its hosts together know them."""

    def __init__(self) -> None:
        self._hosts: dict[str, dict[_Key, Copy]] = {}
        self.damaged: dict[str, tuple[str, ...]] = {}
        self.tokens: dict[str, int] = {}
        self.watchmakers: dict[str, Watchmaker] = {}

    def learn(self, host: str, copies: Copies) -> None:
        """Take in what a host keeps."""
        self._hosts[host] = {_key(copy.revision): copy for copy in copies.found if copy.revision.intact}
        self.tokens[host] = copies.token
        self.watchmakers[host] = copies.timers
        altered = [_name(c.revision) for c in copies.found if not c.revision.intact]
        self.damaged[host] = (*copies.damaged, *(f"{name} was altered" for name in altered))

    @property
    def newest(self) -> dict[_Key, Copy]:
        """The newest copy of every record."""
        found: dict[_Key, Copy] = {}
        for host in sorted(self._hosts):
            for key, copy in self._hosts[host].items():
                if key not in found or copy.serial > found[key].serial:
                    found[key] = copy
        return found

    def revisions(self) -> Mapping[str, tuple[Revision, ...]]:
        """Return the history of every service, oldest first."""
        found: dict[str, list[Revision]] = {}
        for _, copy in sorted(self.newest.items()):
            found.setdefault(copy.revision.service, []).append(copy.revision)
        return {service: tuple(history) for service, history in found.items()}

    def timed(self, host: str, service: str, slot: int, timer: Timer | None) -> None:
        """Note that a host has another timer for a slot now, or none."""
        known = self.watchmakers.get(host, Watchmaker())
        others = {t for t in known.timers if (t.service, t.slot) != (service, slot)}
        self.watchmakers[host] = replace(known, timers=frozenset(others | ({timer} if timer else set())))

    def next_copy(self, revision: Revision) -> Copy:
        """Return a record as it is to be written now."""
        known = self.newest.get(_key(revision))
        return Copy(revision, 1 if known is None else known.serial + 1)

    def keepers(self, service: str, hosts: Iterable[str]) -> list[str]:
        """Return the hosts that keep a service's records: those that do already first, five at most."""
        holding = {h for h, held in self._hosts.items() if any(key[0] == service for key in held)}
        return sorted(hosts, key=lambda h: (h not in holding, h))[:MOST_COPIES]

    def written(self, host: str, copies: Iterable[Copy], forget: Iterable[_Key] = ()) -> None:
        """Note what a host keeps from now on."""
        held = self._hosts.setdefault(host, {})
        held.update({_key(copy.revision): copy for copy in copies})
        for key in forget:
            held.pop(key, None)

    def outdated(self, service: str, keep: int) -> list[_Key]:
        """Return the records of a service beyond the newest `keep`."""
        history = [copy.revision for key, copy in self.newest.items() if key[0] == service]
        return [(service, number) for number in sorted(expired(history, keep))]

    def files(self, service: str) -> Mapping[int, frozenset[str]]:
        """Return the names of the files that each revision of a service mounts."""
        mine = (copy.revision for key, copy in self.newest.items() if key[0] == service)
        return {r.number: frozenset(f.name for f in r.spec.workload.files.values()) for r in mine}

    def repairs(self, service: str, hosts: Iterable[str]) -> dict[str, Repair]:
        """Return what each keeper of a service lacks or holds in an older form."""
        wanted = {key: copy for key, copy in self.newest.items() if key[0] == service}
        found = {}
        for host in self.keepers(service, hosts):
            held = self._hosts.get(host, {})
            put = tuple(copy for key, copy in sorted(wanted.items()) if held.get(key) != copy)
            if put:
                found[host] = Repair(put)
        return found


def _key(revision: Revision) -> _Key:
    return (revision.service, revision.number)


def _name(revision: Revision) -> str:
    return f"{revision.service} revision {revision.number}"
