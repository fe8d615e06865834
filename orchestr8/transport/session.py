"""An open connection to one host: runners by user, started when first needed."""

from __future__ import annotations

import shlex
import threading
from collections.abc import Callable, Sequence
from typing import Any

from orchestr8.engine.ports import Become, ByteStream, Fence, Request
from orchestr8.remote.streams import text
from orchestr8.remote.wire import ProtocolError, encode
from orchestr8.transport.climb import Climb
from orchestr8.transport.failures import BecomeFailed
from orchestr8.transport.heartbeat import Heartbeat
from orchestr8.transport.payload import Payload
from orchestr8.transport.shell import Shell
from orchestr8.transport.starter import Runner, Starter
from orchestr8.transport.streams import RemoteStream

Key = Become | None
PARTING = 5.0


class Session:
    """A `Connection` over whatever can start a program on the host."""

    def __init__(
        self, name: str, shell: Shell, payload: Payload, heartbeat: Heartbeat, python: str | None = None
    ) -> None:
        self.name = name
        self._shell = shell
        self._payload = payload
        self._heartbeat = heartbeat
        self._starter = Starter(name, shell, payload, python)
        self._runners: dict[Key, Runner] = {}
        self._refused: dict[Key, BecomeFailed] = {}
        self._lock = threading.Lock()

    def call(self, request: Request, *, line: Callable[[str], None] | None = None) -> dict[str, Any]:
        """Run a module on the host and return its result; `line` gets its live output."""
        return self.call_many([request], lines=[line])[0]

    def call_many(
        self, requests: Sequence[Request], *, lines: Sequence[Callable[[str], None] | None] = ()
    ) -> list[dict[str, Any]]:
        """Run independent calls in flight together; results in the order of the requests."""
        groups: dict[Key, list[int]] = {}
        for request in requests:
            self._part(request)
        for index, request in enumerate(requests):
            groups.setdefault(request.become, []).append(index)
        results: dict[int, dict[str, Any]] = {}
        for indexes in groups.values():
            some = [requests[index] for index in indexes]
            watch = [lines[index] for index in indexes] if lines else ()
            results.update(zip(indexes, self._together(some, watch), strict=True))
        return [results[index] for index in range(len(requests))]

    def raw(
        self,
        command: str,
        *,
        executable: str | None = None,
        become: Become | None = None,
        timeout: float | None = None,
        stdin: bytes = b"",
    ) -> dict[str, Any]:
        """Run a command line by the login shell without Python on the host: rc, stdout, stderr.

        As another user the two outputs come as one, in `stdout`.
        """
        line = shlex.join([executable, "-c", command]) if executable else command
        try:
            if become is None:
                ended = self._shell.run(line, timeout=timeout, stdin=stdin)
            else:
                ended = Climb(self.name, self._shell, become).run(
                    command, executable or "/bin/sh", stdin, timeout
                )
        except TimeoutError:
            msg = f"timed out after {timeout:g} s"
            return {"failed": True, "changed": True, "rc": -1, "msg": msg, "timedout": True}
        except BecomeFailed as error:
            return {"failed": True, "changed": False, "msg": error.message}
        out, err = text(ended.stdout), text(ended.stderr)
        result = {"changed": True, "rc": ended.rc, "stdout": out, "stderr": err}
        if ended.rc != 0:
            result |= {"failed": True, "msg": "non-zero return code"}
        return result

    def stream(self, target: str, *, become: Become | None = None, fence: Fence | None = None) -> ByteStream:
        """Open "unix:/path" or "tcp:address:port" as seen from the host; raise StreamRefused."""
        return RemoteStream(self._runner(become).rpc, target, fence)

    @property
    def alive(self) -> bool:
        """Whether nothing of it was lost so far."""
        return self._shell.alive and all(runner.rpc.alive for runner in self._runners.values())

    def close(self) -> None:
        """Close; whatever the host still runs for us is ended."""
        for runner in list(self._runners.values()):
            runner.rpc.lose("the connection was closed")
        self._shell.close()

    def _part(self, request: Request) -> None:
        """End the runners of a user whose account is to change: nobody can be removed who runs something."""
        if request.module != "user" or request.check or len(self._runners) < 2:
            return
        name = request.args.get("name", request.args.get("user"))
        with self._lock:
            parting = [key for key in self._runners if key and key.user == name and key != request.become]
            for key in parting:
                if self._runners[key].rpc.end(PARTING):
                    del self._runners[key]

    def _together(
        self, requests: Sequence[Request], lines: Sequence[Callable[[str], None] | None]
    ) -> list[dict[str, Any]]:
        try:
            runner = self._runner(requests[0].become)
        except BecomeFailed as error:
            return [{"failed": True, "changed": False, "msg": error.message} for _ in requests]
        try:
            calls = [(self._header(runner, request), request.blob) for request in requests]
            return runner.rpc.call_many(calls, lines)
        except ProtocolError as error:
            return [{"failed": True, "changed": False, "msg": str(error)} for _ in requests]

    def _header(self, runner: Runner, request: Request) -> dict[str, Any]:
        unit = self._payload.unit(request.module)
        pack = request.pack
        if unit not in runner.units or (pack is not None and not pack.names <= runner.units):
            self._ship(runner, request)
        header = {"module": request.module, "unit": unit, "args": request.args}
        extra = {
            "check": request.check,
            "diff": request.diff,
            "environ": dict(request.environ),
            "timeout": request.timeout,
            "cwd": request.cwd,
            "background": request.background,
        }
        return header | {name: value for name, value in extra.items() if value}

    def _ship(self, runner: Runner, request: Request) -> None:
        with self._lock:
            code, units = self._payload.more(runner.hello.tag, request.module, runner.units, request.pack)
            if code:
                runner.rpc.send([encode({"op": "code"}, code)])
            runner.units = units

    def _runner(self, become: Become | None) -> Runner:
        with self._lock:
            runner = self._runners.get(become)
            if runner is not None:
                return runner
            if become in self._refused:
                raise self._refused[become]
            try:
                runner = self._starter.start(become)
            except BecomeFailed as error:
                self._refused[become] = error
                raise
            self._runners[become] = runner
        self._heartbeat.watch(runner.rpc)
        return runner
