"""Serves framed calls on a host, for as long as its standard input is open.

The main thread runs modules one after another, so that a deadline's alarm can interrupt them; a second thread
reads frames, answers pings and feeds streams meanwhile. Only built-in modules are imported at the start:
what `signal`, `threading` or `json` import would double the time a host needs to answer its first call.
"""

import os
import sys
from _thread import allocate_lock, start_new_thread
from typing import Any, Dict, List, Tuple

from orchestr8.remote import calls
from orchestr8.remote.wire import CAP, PART, Decoder, ProtocolError, encode

CHUNK = 1 << 18


class Output:
    """The way back to the controller: whole frames, from any thread."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._lock = allocate_lock()

    def send(self, header: Dict[str, Any], blob: bytes = b"") -> None:
        """Send one frame."""
        view = memoryview(encode(header, blob))
        with self._lock:
            while view:
                view = view[os.write(self._number, view) :]

    def answer(self, number: int, result: Dict[str, Any]) -> None:
        """Send a call's result, in parts when it is large."""
        try:
            data = encode({"op": "done", "id": number, "result": result})
        except ProtocolError as error:
            self._answer_large(number, result, error)
            return
        view = memoryview(data)
        with self._lock:
            while view:
                view = view[os.write(self._number, view) :]

    def _answer_large(self, number: int, result: Dict[str, Any], error: ProtocolError) -> None:
        try:
            text = calls.dumps(result).encode("ascii")
        except (TypeError, ValueError, RecursionError):
            self.answer(
                number, {"failed": True, "msg": "the module returned what cannot be sent: %s" % error}
            )
            return
        if len(text) > 4 * CAP:
            self.answer(
                number, {"failed": True, "msg": "the result of %d bytes is too large to send" % len(text)}
            )
            return
        for start in range(0, len(text), PART):
            self.send({"op": "part", "id": number}, text[start : start + PART])
        self.send({"op": "done", "id": number})


class Runner:
    """Reads frames in one thread and runs modules in another."""

    def __init__(self, source: int, output: Output, units: Dict[str, Any]) -> None:
        self._source = source
        self._output = output
        self._units = units
        self._queue: List[Tuple[Dict[str, Any], bytes]] = []
        self._parts: Dict[int, List[bytes]] = {}
        self._wake = allocate_lock()
        self._wake.acquire()
        self._streams: Any = None

    def serve(self) -> None:
        """Run modules for ever; the reader ends the process."""
        start_new_thread(self._read, ())
        while True:
            while not self._queue:
                self._wake.acquire()
            header, blob = self._queue.pop(0)
            number = header["id"]
            self._output.answer(number, calls.run(header, blob, self._report(number)))

    def _report(self, number: int) -> Any:
        return lambda line: self._output.send({"op": "line", "id": number, "text": line})

    def _read(self) -> None:
        decoder = Decoder()
        try:
            while True:
                data = os.read(self._source, CHUNK)
                if not data:
                    break
                for header, blob in decoder.feed(data):
                    self._take(header, blob)
        finally:
            end()

    def _take(self, header: Dict[str, Any], blob: bytes) -> None:
        name = header["op"]
        if name == "call":
            blob = b"".join([*self._parts.pop(header["id"], []), blob])
            self._queue.append((header, blob))
            if self._wake.locked():
                self._wake.release()
        elif name == "ping":
            self._output.send({"op": "pong"})
        elif name == "part":
            self._parts.setdefault(header["id"], []).append(blob)
        elif name == "code":
            self._units.update(__import__("marshal").loads(__import__("zlib").decompress(blob)))
        else:
            self._stream(header, blob)

    def _stream(self, header: Dict[str, Any], blob: bytes) -> None:
        if self._streams is None:
            from orchestr8.remote.pumps import Pumps

            self._streams = Pumps(self._output.send)
        self._streams.take(header, blob)


def end() -> None:
    """End what modules started, and this process."""
    process = sys.modules.get("orchestr8.remote.process")
    if process is not None:
        process.end_all()
    os._exit(0)


def take_over() -> Tuple[int, int]:
    """Keep stdin and stdout for frames; others read nothing, and what they print is lost."""
    source, sink = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(null, number)
    return source, sink


def main(units: Dict[str, Any]) -> None:
    """Serve until the controller is gone."""
    source, sink = take_over()
    Runner(source, Output(sink), units).serve()
