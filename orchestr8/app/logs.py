"""The logs of a service's replicas as one: by time when they are past, as they come when followed."""

from __future__ import annotations

import heapq
import json
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from orchestr8.app.fleet import Fleet, open_fleet
from orchestr8.app.request import FleetRequest
from orchestr8.app.services import MODULES, log_stream
from orchestr8.app.services_fleet import Deployed, chosen, deployed, unseen, with_service
from orchestr8.app.status import Quiet
from orchestr8.core.errors import Diagnostic, Exit, InvalidInput, O8Error
from orchestr8.core.natural import natural
from orchestr8.deploy.model import Replica
from orchestr8.engine.services.together import together

if TYPE_CHECKING:
    from orchestr8.runtime.log_stream import LogLine, LogStream

_PATIENCE = 2.0


@dataclass(frozen=True, slots=True)
class Lens:
    """What of the logs is read. tail: lines of each replica, None for all. since: Unix time."""

    service: str
    project: str | None = None
    tail: int | None = None
    since: int | None = None
    follow: bool = False
    slot: int | None = None
    timestamps: bool = False


Told = tuple[Replica, "LogLine"]
Write = Callable[[str], None]


def show_logs(request: FleetRequest, lens: Lens, write: Write, warn: Callable[[Diagnostic], None]) -> int:
    """Write the logs line by line; return the exit code."""
    with open_fleet(request, MODULES) as fleet:
        found = with_service(deployed(fleet, chosen(fleet, lens.project), Quiet()), lens.service)
        logs = _Logs(fleet, found, lens)
        replicas = logs.replicas()
        if not replicas:
            text = f"`{lens.service}` has no such container"
            raise InvalidInput(Diagnostic("O8-3319", text, hint="`o8 status` shows what there is"))
        if missing := unseen(found):
            warn(missing)
        say = _sayer(request, lens, replicas, write)
        if not lens.follow:
            for replica, line in logs.past(replicas):
                say(replica, line)
            return int(Exit.OK)
        for replica, line in _Followed(logs).lines(replicas):
            say(replica, line)
        return int(Exit.OK)


def _sayer(
    request: FleetRequest, lens: Lens, replicas: Iterable[Replica], write: Write
) -> Callable[[Replica, LogLine], None]:
    """Return what writes a line with its replica before it, aligned."""
    width = max(len(_label(r)) for r in replicas)

    def say(replica: Replica, line: LogLine) -> None:
        if request.as_json:
            row = {"host": replica.host, "slot": replica.slot, "container": replica.name}
            write(json.dumps({**row, "time": line.moment, "text": line.text}, ensure_ascii=False))
        else:
            moment = f"{line.moment} " if lens.timestamps else ""
            write(f"{_label(replica):<{width}} │ {moment}{line.text}")

    return say


def _label(replica: Replica) -> str:
    return f"{replica.host} {replica.slot}"


@dataclass
class _Logs:
    fleet: Fleet
    found: Deployed
    lens: Lens
    _streams: dict[str, LogStream] = field(default_factory=dict)

    def replicas(self) -> list[Replica]:
        """Return the containers that run; those that stopped when none does."""
        mine = self.found.observed.of(self.lens.service)
        mine = tuple(r for r in mine if self.lens.slot in (None, r.slot))
        live = [r for r in mine if r.live]
        return sorted(live or mine, key=lambda r: (r.slot, natural(r.host), r.revision))

    def look(self) -> None:
        """See which containers there are now."""
        self.found = deployed(self.fleet, [self.found.project], Quiet())[0]

    def of(self, replica: Replica) -> Iterator[LogLine]:
        """Yield the log of one container."""
        host = replica.host
        stream = self._streams.setdefault(host, log_stream(self.fleet, host))
        lens = self.lens
        return stream.lines(replica.name, tail=lens.tail, since=lens.since, follow=lens.follow)

    def past(self, replicas: list[Replica]) -> Iterator[Told]:
        """Yield the lines of all in the order of their moments."""
        read = together(lambda r: [(line.moment, r, line) for line in self.of(r)], replicas, 16)
        return ((r, line) for _, r, line in heapq.merge(*read, key=lambda told: told[0]))


@dataclass
class _Followed:
    """Reads several logs that do not end; a container that is replaced is followed by its successor."""

    logs: _Logs
    _queue: SimpleQueue[Told | None] = field(default_factory=SimpleQueue)
    _seen: set[str] = field(default_factory=set)

    def lines(self, replicas: list[Replica]) -> Iterator[Told]:
        """Yield lines as they come, until the process is interrupted."""
        self._begin(replicas)
        ended = False
        while True:
            try:
                told = self._queue.get(timeout=_PATIENCE)
            except Empty:
                if ended:
                    self.logs.look()
                    ended = not self._begin(self.logs.replicas())
                continue
            if told is None:
                ended = True
            else:
                yield told

    def _begin(self, replicas: Iterable[Replica]) -> bool:
        """Follow the containers that are new; say whether there were any."""
        fresh = [r for r in replicas if r.id not in self._seen and r.live]
        for replica in fresh:
            self._seen.add(replica.id)
            threading.Thread(target=self._read, args=(replica,), daemon=True).start()
        return bool(fresh)

    def _read(self, replica: Replica) -> None:
        try:
            for line in self.logs.of(replica):
                self._queue.put((replica, line))
        except (O8Error, OSError):
            self._queue.put(None)
            return
        self._queue.put(None)
