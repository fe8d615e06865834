"""A project's part of HAProxy's file on a host: what a start or a reload takes up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Protocol

from orchestr8.core.secret import Secret
from orchestr8.engine.services.traffic import TrafficError
from orchestr8.traffic.haproxy_config import Part, Whole, frame, read, render
from orchestr8.traffic.haproxy_names import refused
from orchestr8.traffic.host_files import Kept

_TRIES = 10


class Keeper(Protocol):
    """How the file is kept and taken up on a host."""

    host: str
    head: str | None
    """What stands before our section, where the whole file is ours."""

    @property
    def folder(self) -> str:
        """The folder of what belongs to the file."""
        ...

    def ready(self) -> None:
        """Have HAProxy running."""
        ...

    def standing(self) -> bool:
        """Whether HAProxy should be running already, so that its silence is a fault."""
        ...

    def gateway(self) -> str:
        """Return the host's address as its containers know it."""
        ...

    def look(self) -> Kept:
        """Return the file and the certificates as they are."""
        ...

    def test(self, text: str) -> None:
        """Raise TrafficError for a file that HAProxy would not take."""
        ...

    def place(self, text: str, over: str) -> bool:
        """Put the file in place whole; False when the one there is not the one of this digest."""
        ...

    def keep(self, certificates: Mapping[str, Secret]) -> None:
        """Keep certificates for the next start."""
        ...

    def reload(self) -> None:
        """Have the balancer running with the file as it is; connections that are open go on."""
        ...

    def elders(self, command: str) -> list[str]:
        """Return what workers from before a reload, that still have requests, answer to a command."""
        ...


class HaproxyFile:
    """Changes the part of one project, and takes care that those of others are not lost meanwhile."""

    def __init__(self, project: str, keeper: Keeper) -> None:
        self._project = project
        self._keeper = keeper
        self._known: str | None = None

    def now(self) -> tuple[Part, str]:
        """Return our part as it is, and the identity of the routes of all projects."""
        whole = read(self._keeper.look().text)
        part = whole.parts.get(self._project, Part())
        return part, self._frame(self._around(whole, part))

    def frame(self, part: Part) -> str:
        """Return the identity of the routes of all projects, with this part for ours."""
        return self._frame(self._around(read(self._keeper.look().text), part))

    def change(self, make: Callable[[Part], Part]) -> bool:
        """Have the file hold what is made of our part, members only; return whether it did not."""
        return self._place(make, lambda _: None)

    def load(self, part: Part, certificates: Mapping[str, Secret]) -> None:
        """Have HAProxy run with other routes, once it has said that it can.

        Our part is put back where it did not after all: what HAProxy cannot run with, such as a port that
        somebody else has, must not be what it starts with.
        """
        self._keeper.keep(certificates)
        before, _ = self.now()
        self._place(lambda _: part, self._keeper.test)
        try:
            self._keeper.reload()
        except TrafficError:
            self._place(lambda _: before, lambda _: None)
            raise

    def _place(self, make: Callable[[Part], Part], test: Callable[[str], None]) -> bool:
        for _ in range(_TRIES):
            kept = self._keeper.look()
            whole = read(kept.text)
            whole = self._around(whole, make(whole.parts.get(self._project, Part())))
            text = render(whole, self._keeper.folder, self._gateway(whole))
            if text == kept.text:
                return False
            test(text)
            if self._keeper.place(text, kept.digest):
                return True
        raise self._contended()

    def _frame(self, whole: Whole) -> str:
        return frame(whole, self._keeper.folder, self._gateway(whole))

    def _gateway(self, whole: Whole) -> str:
        """Return where routes inside listen, asked once and only where there is one."""
        if whole.inside and self._known is None:
            self._known = self._keeper.gateway()
        return self._known or ""

    def _around(self, whole: Whole, part: Part) -> Whole:
        parts = {**whole.parts, self._project: part}
        if self._keeper.head is None:
            return replace(whole, parts=parts)
        return Whole(self._keeper.head, parts, "", own=True)

    def _contended(self) -> TrafficError:
        return refused(f"{self._keeper.host}: others change HAProxy's file all the time", "try again")
