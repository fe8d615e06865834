"""Starts runners: finds an interpreter, climbs to another user where asked, sends the code."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from orchestr8.engine.ports import Become
from orchestr8.transport.become import Ascent
from orchestr8.transport.climb import send
from orchestr8.transport.failures import LOST, PYTHON, unreachable
from orchestr8.transport.loader import Hello, Loader
from orchestr8.transport.payload import Payload
from orchestr8.transport.pipe import Pipe
from orchestr8.transport.rpc import Rpc
from orchestr8.transport.shell import Shell

START_TIMEOUT = 30.0
NOISE = 1 << 20
CANDIDATES = (
    "python3",
    *(f"python3.{minor}" for minor in range(13, 5, -1)),
    "/usr/libexec/platform-python",
    "/usr/bin/python3",
)
PROBE = "/bin/sh -c 'for p in {}; do command -v $p; done; exit 0'"


@dataclass(slots=True)
class Runner:
    """A running runner, the interpreter it took, and the units it has."""

    rpc: Rpc
    hello: Hello
    python: str
    units: frozenset[str]


@dataclass(slots=True)
class _Silent(Exception):
    """The program ended without speaking as our loader."""

    output: bytes


@dataclass(slots=True)
class Starter:
    """Starts runners on one host; remembers which interpreter served."""

    name: str
    shell: Shell
    payload: Payload
    python: str | None = None
    looked: list[str] = field(default_factory=list)

    def start(self, become: Become | None = None) -> Runner:
        """Start a runner; raise Unreachable without an interpreter, BecomeFailed without the user."""
        ascent = Ascent(self.name, become) if become else None
        first = self.python or CANDIDATES[0]
        try:
            found = self._attempt(first, ascent)
        except _Silent as silent:
            if ascent is not None and not _lacks(silent.output, first):
                raise ascent.ended(silent.output) from None
            found = self._search(first, become, silent.output)
        self.python = found.python
        return found

    def _search(self, first: str, become: Become | None, output: bytes) -> Runner:
        self.looked.append(first)
        given = self.python is not None
        for python in [] if given else self._candidates():
            try:
                return self._attempt(python, Ascent(self.name, become) if become else None)
            except _Silent as silent:
                self.looked.append(python)
                output = silent.output
        looked = ", ".join(dict.fromkeys(self.looked))
        said = _said(output)
        why = f"no python3 ≥ 3.6 on {self.name} (looked at {looked})"
        why += f"; the last one said: {said}" if said else ""
        raise unreachable(self.name, why, code=PYTHON, hint="use `raw`, or install python3")

    def _candidates(self) -> list[str]:
        """Return what is there of the usual names, but for those tried."""
        told = self.shell.run(PROBE.format(" ".join(CANDIDATES)), timeout=START_TIMEOUT)
        found = [line.strip() for line in told.stdout.decode("utf-8", "replace").splitlines()]
        self.looked += [python for python in CANDIDATES if python not in self.looked]
        return [path for path in dict.fromkeys(found) if path.startswith("/")]

    def _attempt(self, python: str, ascent: Ascent | None) -> Runner:
        loader = Loader()
        argv = loader.argv(python)
        pipe = self.shell.start(ascent.argv(argv) if ascent else argv)
        try:
            hello, early = self._greet(pipe, loader, ascent)
            if not hello.usable:
                self.looked.append(f"{python} {'.'.join(map(str, hello.version))}")
                raise _Silent(b"it is python %d.%d" % hello.version[:2])
            code, units = self.payload.start(hello.tag)
            rpc = Rpc(self.name, pipe, early=early)
            rpc.send([code])
        except BaseException:
            pipe.close()
            raise
        return Runner(rpc, hello, python, units)

    def _greet(self, pipe: Pipe, loader: Loader, ascent: Ascent | None) -> tuple[Hello, bytes]:
        """Read until the loader speaks, past whatever else is printed first."""
        output = b""
        deadline = time.monotonic() + START_TIMEOUT
        while True:
            quiet = False
            try:
                chunk = pipe.recv(65536)
                if not chunk or len(output) > NOISE:
                    raise _Silent(output)
                output += chunk
            except TimeoutError:
                quiet = True
            except (OSError, EOFError) as error:
                raise unreachable(self.name, f"the connection was lost: {error}", code=LOST) from None
            heard = loader.heard(output)
            if heard is not None:
                return heard
            if ascent is not None:
                send(pipe, ascent.answer(output, quiet=quiet))
            if time.monotonic() > deadline:
                raise _Silent(output)


def _said(output: bytes) -> str:
    text = " ".join(output.decode("utf-8", "replace").split())
    return "it is python 2" if "Unknown option: -I" in text else text[-200:]


def _lacks(output: bytes, python: str) -> bool:
    """Whether what was said is that the interpreter is missing, or that it is too old."""
    text = output.decode("utf-8", "replace")
    return "it is python" in text or (python in text and ("not found" in text or "No such file" in text))
