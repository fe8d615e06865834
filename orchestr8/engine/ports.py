"""What the engine needs of the outside world, as Protocols; adapters live in transport, runtime, report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from orchestr8.core.event import Event
from orchestr8.core.secret import Secret
from orchestr8.language.own_code import Pack


@dataclass(frozen=True, slots=True)
class Become:
    """As whom to act on a host: method "sudo" or "su", user, password if one is needed, extra flags.

    program: what to start instead of the method's own. folder: where sudo is started, "" for anywhere.
    """

    user: str = "root"
    method: str = "sudo"
    password: Secret | None = None
    flags: str = ""
    program: str = ""
    folder: str = ""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """How to reach a host; `options` are OpenSSH client options that override its configuration file."""

    name: str
    address: str
    port: int | None = None
    user: str | None = None
    password: Secret | None = None
    key_file: str | None = None
    kind: str = "ssh"
    python: str | None = None
    connect_timeout: float = 10.0
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Request:
    """One module call: canonical module name, arguments, how to run it, and bytes that go along.

    background: seconds that the host may work on it behind the call, which then returns at once.
    pack: code of a user that the host has to have for it, sent once.
    """

    module: str
    args: Mapping[str, Any]
    check: bool = False
    diff: bool = False
    become: Become | None = None
    environ: Mapping[str, str] = field(default_factory=dict)
    blob: bytes = b""
    timeout: float | None = None
    cwd: str | None = None
    background: float | None = None
    pack: Pack | None = None


@dataclass(frozen=True, slots=True)
class Fence:
    """The lease that what is sent to a host's engine needs: the folder that holds it there, and its token."""

    folder: str
    token: int


class ByteStream(Protocol):
    """A two-way stream of bytes to something that a host can reach; like a socket."""

    def sendall(self, data: bytes) -> None:
        """Send all of `data`."""
        ...

    def recv(self, size: int) -> bytes:
        """Return up to `size` bytes, b"" at the end; raise TimeoutError when `settimeout` passed."""
        ...

    def settimeout(self, seconds: float | None) -> None:
        """Bound later calls of `recv` and `sendall`."""
        ...

    def shutdown(self, how: int) -> None:
        """End one direction (socket.SHUT_WR: the other side sees the end of its input) or both."""
        ...

    def close(self) -> None:
        """Close both ways."""
        ...

    def abandon(self) -> None:
        """Close both ways a little later, without waiting for anything: garbage collection may ask for it."""
        ...


class Connection(Protocol):
    """An open connection to one host, kept until it is lost; safe to use from several threads."""

    name: str

    @property
    def alive(self) -> bool:
        """Whether nothing of it was lost so far; what was lost does not come back."""
        ...

    def call(self, request: Request) -> dict[str, Any]:
        """Run a module on the host and return its result; raise Unreachable when the host is lost.

        A module's own failure is a result with `failed: True`, never an exception.
        """
        ...

    def call_many(self, requests: Sequence[Request]) -> list[dict[str, Any]]:
        """Run independent calls in flight together; results in the order of the requests."""
        ...

    def raw(
        self,
        command: str,
        *,
        executable: str | None = None,
        become: Become | None = None,
        timeout: float | None = None,
        stdin: bytes = b"",
    ) -> dict[str, Any]:
        """Run a command line by the login shell, or `executable`, without Python on the host.

        Returns rc, stdout, stderr and their lines.
        """
        ...

    def stream(self, target: str, *, become: Become | None = None, fence: Fence | None = None) -> ByteStream:
        """Open "unix:/path" or "tcp:address:port" as seen from the host, over this same connection.

        With a fence the host lets bytes through while the fence's lease is held; later LockLost is raised.
        """
        ...

    def close(self) -> None:
        """Close; whatever the host still runs for us is ended."""
        ...


class Transport(Protocol):
    """Opens connections."""

    def connect(self, endpoint: Endpoint) -> Connection:
        """Connect to a host; raise AuthFailed, HostKeyRefused or Unreachable."""
        ...


class FactCache(Protocol):
    """Keeps facts of hosts from run to run."""

    def load(self, host: str) -> Mapping[str, Any]:
        """Return a host's facts under the names plays use; none where nothing is kept."""
        ...

    def save(self, host: str, facts: Mapping[str, Any]) -> None:
        """Keep a host's facts, or forget them where there are none; raise O8Error where that fails."""
        ...


class Terminal(Protocol):
    """The person in front of the run."""

    def ask(self, prompt: str) -> str | None:
        """Return the line typed in answer, None where nothing will come any more."""
        ...

    def say(self, text: str) -> None:
        """Show a text, its secrets masked."""
        ...


class Sink(Protocol):
    """Takes events, in order, from any thread."""

    def emit(self, event: Event) -> None:
        """Take one event."""
        ...
