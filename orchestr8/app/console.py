"""A prompt for one task after another on the hosts of a pattern; connections stay open between them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

from orchestr8.app.catalog import Actions, catalog
from orchestr8.app.exec import made, options_of
from orchestr8.app.fleet import open_inventory
from orchestr8.app.options import role_places
from orchestr8.app.playbooks import Project
from orchestr8.app.request import ExecRequest
from orchestr8.app.run import carry_out
from orchestr8.app.secrets import secrets
from orchestr8.core.errors import Diagnostic, Exit, InvalidInput, O8Error
from orchestr8.engine.ports import Connection, Endpoint, Sink
from orchestr8.language.load import Loader
from orchestr8.transport.pool import Network

HELP = """\
MODULE [ARGS]   run a module: `service name=nginx state=restarted`
! COMMAND       run a command line by the shell; so does a line that begins with no module's name
cd PATTERN      work on other hosts; `cd` alone: on all
list            the hosts that are worked on
become on|off   act as another user, or not;  check on|off;  diff on|off;  forks N
help, exit
"""
_LOST = (Exit.UNREACHABLE, Exit.FAILED_AND_UNREACHABLE)
_SWITCHES = ("become", "check", "diff")


class _Held:
    """A connection that its users cannot close."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def __getattr__(self, name: str) -> Any:
        return getattr(self.connection, name)

    def close(self) -> None:
        """Stay open: the next task needs it."""


class Lasting:
    """A network whose connections outlive single runs."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._held: dict[Any, _Held] = {}

    def connect(self, endpoint: Endpoint) -> Connection:
        """Return a host's connection, opened once."""
        way = (endpoint.kind, endpoint.address, endpoint.port, endpoint.user, endpoint.key_file)
        key = (endpoint.name, *way, endpoint.python, tuple(sorted(endpoint.options.items())))
        if key not in self._held:
            self._held[key] = _Held(self._network.connect(endpoint))
        return cast("Connection", self._held[key])

    def forget(self) -> None:
        """Close every connection; the next task opens them again."""
        held, self._held = self._held, {}
        for each in held.values():
            each.connection.close()

    def close(self) -> None:
        """Stay open after one run."""

    def end(self) -> None:
        """Close everything."""
        self.forget()
        self._network.close()


class Console:
    """Carries out lines, one after another."""

    def __init__(self, request: ExecRequest, sink: Callable[[ExecRequest], Sink]) -> None:
        self._request = request
        self._sink = sink
        self._network = Lasting(Network())
        self._opened = secrets(request)
        self._files = self._opened.files()
        self._options = options_of(request)
        self._inventory = open_inventory(request, [self._options.playbook_dir], self._files)
        self._actions = Actions()
        self._known = catalog(self._actions)

    @property
    def prompt(self) -> str:
        """Return what stands before the next line: pattern, number of hosts, forks."""
        count = len(self._inventory.select(self._request.pattern, self._request.limit))
        sign = "#" if self._request.become else "$"
        return f"{self._request.pattern} ({count})[f:{self._options.forks}]{sign} "

    def line(self, line: str) -> str | None:
        """Carry out one line and return what it says; a task reports by itself. None means the end."""
        word, _, rest = line.strip().partition(" ")
        if word in ("exit", "quit"):
            return None
        if not word or word.startswith("#"):
            return ""
        if word in ("help", "?"):
            return HELP
        if word == "list":
            chosen = self._inventory.select(self._request.pattern, self._request.limit)
            return "".join(f"{host.name}\n" for host in chosen)
        if word == "cd" or word == "forks" or word in _SWITCHES:
            return self._set(word, rest.strip())
        self._task(line.strip())
        return ""

    def _set(self, word: str, value: str) -> str:
        if word == "cd":
            self._request = replace(self._request, pattern=value or "all")
        elif word == "forks":
            if not value.isdigit() or not int(value):
                raise InvalidInput(Diagnostic("O8-1712", f"forks has to be a number from 1, not `{value}`"))
            self._request = replace(self._request, forks=int(value))
        else:
            on = value in ("", "on", "yes", "true")
            changed: dict[str, Any] = {word: on}
            self._request = replace(self._request, **changed)
        self._options = options_of(self._request)
        return ""

    def _task(self, line: str) -> None:
        word, _, rest = line.partition(" ")
        if word == "!" or self._known.canonical(word) is None:
            wanted = replace(self._request, module="shell", arguments=rest if word == "!" else line)
        else:
            wanted = replace(self._request, module=word, arguments=rest)
        playbook = made(wanted, self._known, self._files, self._options)
        loader = Loader(self._known, files=self._files, extra_vars=self._options.extra_vars, **role_places())
        project = Project(
            playbook, self._inventory, self._options, self._actions, self._known, loader, self._opened, ()
        )
        code = carry_out(project, playbook, wanted, cast("Network", self._network), self._sink(wanted))
        if code in _LOST:
            self._network.forget()

    def close(self) -> None:
        """Close the connections."""
        self._network.end()


def converse(console: Console, read: Callable[[str], str], write: Callable[[str], object]) -> int:
    """Read and carry out lines until the end; a mistake in one is told and ends nothing."""
    try:
        while True:
            try:
                said = console.line(read(console.prompt))
            except O8Error as error:
                write("".join(f"{each}\n" for each in error.diagnostics))
                continue
            if said is None:
                return Exit.OK
            write(said)
    except EOFError:
        return Exit.OK
    finally:
        console.close()
