"""Calls over a pipe: frames with ids, answers in any order, and a peer that is known to be alive.

No thread of its own: whoever waits for an answer reads for everybody, so that an answer costs one wake-up and
a thousand idle hosts cost nothing.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from orchestr8.core.errors import Unreachable
from orchestr8.remote.jsontext import loads
from orchestr8.remote.wire import CAP, PART, Decoder, ProtocolError, encode
from orchestr8.transport.failures import LOST, PROTOCOL, unreachable
from orchestr8.transport.pipe import TICK, Pipe

QUIET = 5.0
DEAD = 15.0
PARTS = 64 << 20
READ = 1 << 16

Header = Mapping[str, Any]
Line = Callable[[str], None]


class Waiting:
    """An answer that somebody waits for."""

    __slots__ = ("line", "parts", "result", "size")

    def __init__(self, line: Line | None = None) -> None:
        self.result: dict[str, Any] | None = None
        self.parts: list[bytes] = []
        self.size = 0
        self.line = line


class Receiver:
    """Who takes the frames of a stream."""

    def take(self, op: str, header: Header, blob: bytes) -> None:
        """Take one frame; called with the connection's lock held."""

    def lost(self) -> None:
        """Learn that no frame will come any more."""


class Rpc:
    """Speaks with one runner; safe to use from several threads."""

    def __init__(self, name: str, pipe: Pipe, *, early: bytes = b"") -> None:
        self.name = name
        self._pipe = pipe
        self._decoder = Decoder()
        self._changed = threading.Condition(threading.Lock())
        self._writing = threading.Lock()
        self._reading = False
        self._failure: Unreachable | None = None
        self._waiting: dict[int, Waiting] = {}
        self._receivers: dict[int, Receiver] = {}
        self._abandoned: deque[int] = deque()
        self._rest = b""
        self._next = 0
        self._heard = self._beat = time.monotonic()
        self._pinged: float | None = None
        self._asked = False
        self._sent = self._acknowledged = 0
        self._leaving = False
        if early:
            self._take(early)

    @property
    def alive(self) -> bool:
        """Whether calls can still be made."""
        return self._failure is None

    def call_many(
        self, calls: Sequence[tuple[dict[str, Any], bytes]], lines: Sequence[Line | None] = ()
    ) -> list[dict[str, Any]]:
        """Send calls together and wait for all of their answers."""
        frames: list[Iterable[bytes]] = []
        waits: list[Waiting] = []
        with self._changed:
            for index, (header, blob) in enumerate(calls):
                waiting = Waiting(lines[index] if lines else None)
                waits.append(waiting)
                number = self._number()
                self._waiting[number] = waiting
                frames.append(_frames({**header, "op": "call", "id": number}, blob))
        self.send(chain.from_iterable(frames))
        self.wait(lambda: all(waiting.result is not None for waiting in waits))
        return [waiting.result for waiting in waits if waiting.result is not None]

    def attach(self, receiver: Receiver) -> int:
        """Give a stream its number."""
        with self._changed:
            number = self._number()
            self._receivers[number] = receiver
            return number

    def detach(self, number: int) -> None:
        """Forget a stream."""
        with self._changed:
            self._receivers.pop(number, None)

    def abandon(self, number: int) -> None:
        """Have a stream shut soon; takes no lock, for it may be asked in the middle of anything."""
        self._abandoned.append(number)

    def send(self, frames: Iterable[bytes]) -> None:
        """Send frames, whole and in order, small ones together."""
        if self._failure is not None:
            raise self._failure
        with self._writing:
            for data in _together(chain(self._owed(), frames)):
                self._write(memoryview(data))

    def _owed(self) -> Iterator[bytes]:
        """Yield what has to go first: the rest of a frame, and what shuts streams that were abandoned."""
        rest, self._rest = self._rest, b""
        yield rest
        while self._abandoned:
            number = self._abandoned.popleft()
            self.detach(number)
            yield encode({"op": "shut", "id": number})

    def _write(self, view: memoryview) -> None:
        while view:
            try:
                size = self._pipe.send(view)
                self._sent += size
                view = view[size:]
            except TimeoutError:
                pass
            except (OSError, EOFError) as error:
                self.lose(self._reason(error))
            if self._failure is not None:
                raise self._failure

    def wait(self, done: Callable[[], bool], deadline: float | None = None) -> None:
        """Wait until `done` (asked with the lock held); raise Unreachable or TimeoutError."""
        while True:
            with self._changed:
                while True:
                    if done():
                        return
                    if self._failure is not None:
                        raise self._failure
                    if deadline is not None and time.monotonic() >= deadline:
                        raise TimeoutError(f"{self.name}: no answer in time")
                    if not self._reading:
                        self._reading = True
                        break
                    self._changed.wait(
                        1.0 if deadline is None else max(0.0, min(1.0, deadline - time.monotonic()))
                    )
            self._read_once(_tick(deadline))

    def beat(self, now: float) -> bool:
        """Look after the peer once a second: read what waits, ask when it is quiet, judge its silence."""
        if self._failure is not None:
            return False
        self._read_waiting()
        stalled = now - self._beat > 3.0
        self._beat = now
        acknowledged = self._sent - self._pipe.backlog()
        moved, self._acknowledged = acknowledged > self._acknowledged, acknowledged
        if self._pinged is not None and (stalled or moved):
            self._pinged = now
        if self._pinged is not None and now - self._pinged > DEAD - QUIET:
            self.lose(f"no sign of life for {DEAD:.0f} s")
        elif not self._asked and (self._abandoned or now - self._heard >= QUIET):
            self._ping(now)
        return self._failure is None

    def end(self, patience: float) -> bool:
        """End the runner and wait until it is gone, so many seconds at most; False while it is in use."""
        with self._changed:
            if self._waiting or self._receivers.keys() - set(self._abandoned):
                return False
            self._leaving = True
        with contextlib.suppress(Unreachable, OSError, EOFError, TimeoutError):
            self._pipe.finish()
            self.wait(lambda: False, time.monotonic() + patience)
        self.lose("the runner was ended")
        return True

    def lose(self, why: str, *, code: str = LOST) -> None:
        """Give the connection up: everybody who waits learns why."""
        with self._changed:
            if self._failure is None:
                self._failure = unreachable(self.name, why, code=code)
            receivers = list(self._receivers.values())
            self._changed.notify_all()
        if self._leaving:
            self._pipe.close()
        else:
            self._pipe.abandon()
        for receiver in receivers:
            receiver.lost()

    def _reason(self, error: Exception) -> str:
        """Say why the pipe broke; the kernel may give a silent peer up a moment before the heartbeat does."""
        silence = time.monotonic() - self._heard
        if silence >= DEAD - QUIET:
            return f"no sign of life for {silence:.0f} s"
        return f"the connection was lost: {str(error) or type(error).__name__}"

    def _number(self) -> int:
        self._next += 1
        return self._next

    def _ping(self, now: float) -> None:
        """Ask for a sign of life; while somebody writes, what is written has to move, and we ask later."""
        if not self._writing.acquire(blocking=False):
            self._pinged = self._pinged or now
            return
        self._pinged, self._asked = now, True
        data = b"".join((*self._owed(), encode({"op": "ping"})))
        try:
            data = data[self._pipe.send(memoryview(data)) :]
        except TimeoutError:
            pass
        except (OSError, EOFError) as error:
            self.lose(self._reason(error))
        finally:
            self._rest = data
            self._writing.release()

    def _read_waiting(self) -> None:
        with self._changed:
            if self._reading or not self._pipe.pending():
                return
            self._reading = True
        self._read_once(TICK)

    def _read_once(self, timeout: float) -> None:
        """Read what comes next and hand it out; the caller has taken the reader's place."""
        data: bytes | None = None
        why, code = "", LOST
        try:
            data = self._pipe.recv(READ, timeout)
            why = "" if data else "the runner ended: the connection was closed by the host"
        except TimeoutError:
            pass
        except (OSError, EOFError) as error:
            why = self._reason(error)
        with self._changed:
            self._reading = False
            try:
                if data:
                    self._take(data)
            except ProtocolError as error:
                why, code = f"the host broke the protocol: {error}", PROTOCOL
            self._changed.notify_all()
        if why:
            self.lose(why, code=code)

    def _take(self, data: bytes) -> None:
        self._heard = time.monotonic()
        self._pinged, self._asked = None, False
        for header, blob in self._decoder.feed(data):
            self._dispatch(header, blob)

    def _dispatch(self, header: Header, blob: bytes) -> None:
        op, number = header["op"], header.get("id")
        if op == "pong":
            return
        if not isinstance(number, int):
            raise ProtocolError(f"a frame `{op}` without a number")
        if op in ("done", "part", "line"):
            self._answer(op, number, header, blob)
        elif op in ("opened", "refused", "data", "eof", "credit"):
            receiver = self._receivers.get(number)
            if receiver is not None:
                receiver.take(op, header, blob)
        else:
            raise ProtocolError(f"a frame `{str(op)[:40]}`, which hosts do not send")

    def _answer(self, op: str, number: int, header: Header, blob: bytes) -> None:
        waiting = self._waiting.get(number)
        if waiting is None:
            raise ProtocolError(f"an answer to call {number}, which nobody made")
        if op == "done":
            del self._waiting[number]
            waiting.result = _result(header, waiting)
        elif op == "part":
            waiting.size += len(blob)
            if waiting.size > PARTS:
                raise ProtocolError(f"an answer of more than {PARTS} bytes")
            waiting.parts.append(blob)
        elif waiting.line is not None:
            waiting.line(str(header.get("text", "")))


def _tick(deadline: float | None) -> float:
    return TICK if deadline is None else max(0.001, min(TICK, deadline - time.monotonic()))


def _result(header: Header, waiting: Waiting) -> dict[str, Any]:
    result = header.get("result")
    if waiting.parts:
        try:
            result = loads(b"".join(waiting.parts).decode("ascii"))
        except (ValueError, RecursionError, MemoryError) as error:
            raise ProtocolError(f"an answer that is no JSON: {error}") from None
    if not isinstance(result, dict):
        raise ProtocolError("an answer without a result")
    return result


def _frames(header: dict[str, Any], blob: bytes) -> Iterable[bytes]:
    """Return the frames of a call; a large blob goes ahead in parts, each made when it is sent."""
    if len(blob) <= CAP // 2:
        return [encode(header, blob)]
    view = memoryview(blob)
    parts = (
        encode({"op": "part", "id": header["id"]}, bytes(view[at : at + PART]))
        for at in range(0, len(view), PART)
    )
    return chain(parts, [encode(header)])


def _together(frames: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the same bytes in fewer pieces, without holding much more than a part of them."""
    held: list[bytes] = []
    size = 0
    for frame in frames:
        held.append(frame)
        size += len(frame)
        if size >= PART:
            yield b"".join(held)
            held, size = [], 0
    yield b"".join(held)
