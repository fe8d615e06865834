"""Two-way streams to sockets of the host, beside the calls; each side sends what the other grants."""

import os
import socket
from _thread import allocate_lock, start_new_thread
from typing import Any, Callable, Dict, List, Optional

from orchestr8.remote.fence import Gate, Shut
from orchestr8.remote.wire import ProtocolError

CHUNK = 32768
WINDOW = 1 << 18
CONNECT = 10.0

Send = Callable[..., None]


class Credit:
    """How many bytes may still be sent."""

    def __init__(self, amount: int) -> None:
        self._amount = amount
        self._lock = allocate_lock()
        self._more = allocate_lock()
        self._more.acquire()

    def add(self, amount: int) -> None:
        """Grant more, and wake who waits."""
        with self._lock:
            self._amount += amount
            if self._more.locked():
                self._more.release()

    def take(self, most: int) -> int:
        """Wait until something may be sent and return how much of `most`."""
        while True:
            with self._lock:
                share = min(most, self._amount)
                if share > 0:
                    return share
            self._more.acquire()

    def spend(self, amount: int) -> None:
        """Count what was sent."""
        with self._lock:
            self._amount -= amount


class Stream:
    """One open socket: a thread for each direction.

    With a gate, what goes to the socket goes through it, and the gate is left with the first byte that comes
    back: an engine answers when it has done what it was asked for.
    """

    def __init__(
        self,
        number: int,
        target: str,
        credit: int,
        send: Send,
        forget: Callable[[int], None],
        gate: Optional[Gate] = None,
    ) -> None:
        self._gate = gate
        self._number = number
        self._target = target
        self._send = send
        self._forget = forget
        self._credit = Credit(credit)
        self._queue: List[Optional[bytes]] = []
        self._queued = 0
        self._wake = allocate_lock()
        self._wake.acquire()
        self._socket: Optional[socket.socket] = None
        self._closed = False

    def begin(self) -> None:
        """Connect, then carry bytes from the socket to the controller until it ends."""
        try:
            self._socket = connect(self._target)
        except (OSError, ValueError) as error:
            self._forget(self._number)
            self._send({"op": "refused", "id": self._number, "error": reason(self._target, error)})
            return
        self._send({"op": "opened", "id": self._number, "credit": WINDOW})
        start_new_thread(self._write, (self._socket,))
        self._carry(self._socket)

    def _carry(self, sock: socket.socket) -> None:
        error = ""
        try:
            while not self._closed:
                data = sock.recv(self._credit.take(CHUNK))
                if self._gate is not None:
                    self._gate.leave()
                if not data:
                    break
                self._credit.spend(len(data))
                self._send({"op": "data", "id": self._number}, data)
        except OSError as failed:
            error = reason(self._target, failed)
        if self._gate is not None:
            self._gate.leave()
        if not self._closed:
            self._send({"op": "eof", "id": self._number, "error": error})

    def put(self, data: Optional[bytes]) -> None:
        """Take bytes for the socket; None ends this direction."""
        self._queued += len(data or b"")
        if self._queued > 4 * WINDOW:
            raise ProtocolError("stream %d was sent more than it granted" % self._number)
        self._queue.append(data)
        if self._wake.locked():
            self._wake.release()

    def grant(self, amount: int) -> None:
        """Allow more bytes to the controller."""
        self._credit.add(amount)

    def close(self) -> None:
        """End both directions."""
        self._closed = True
        self._credit.add(1)
        self.put(None)
        if self._socket is not None:
            _shut(self._socket, socket.SHUT_RDWR)

    def _write(self, sock: socket.socket) -> None:
        while True:
            while not self._queue:
                self._wake.acquire()
            data = self._queue.pop(0)
            if data is None:
                _shut(sock, socket.SHUT_WR)
                return
            self._queued -= len(data)
            try:
                if self._gate is not None:
                    self._gate.enter()
                sock.sendall(data)
            except Shut as error:
                self._refuse(sock, str(error))
                return
            except OSError as error:
                self._send({"op": "eof", "id": self._number, "error": reason(self._target, error)})
                return
            self._send({"op": "credit", "id": self._number, "n": len(data)})

    def _refuse(self, sock: socket.socket, why: str) -> None:
        """Send nothing more to the socket, and say that it is the lease that is missing."""
        self._closed = True
        self._send({"op": "eof", "id": self._number, "error": why, "fenced": True})
        _shut(sock, socket.SHUT_RDWR)


class Pumps:
    """The open streams of a host."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._streams: Dict[int, Stream] = {}

    def take(self, header: Dict[str, Any], blob: bytes) -> None:
        """Obey one frame about a stream."""
        number, name = header.get("id"), header["op"]
        if not isinstance(number, int):
            raise ProtocolError("a stream has a number, not %r" % (number,))
        if name == "open":
            self._open(number, header)
            return
        stream = self._streams.get(number)
        if stream is None:
            return
        if name == "data":
            stream.put(blob)
        elif name == "eof":
            stream.put(None)
        elif name == "credit":
            stream.grant(int(header.get("n") or 0))
        elif name == "shut":
            del self._streams[number]
            stream.close()

    def _open(self, number: int, header: Dict[str, Any]) -> None:
        target, credit = str(header.get("target")), int(header.get("credit") or WINDOW)
        fence = header.get("fence")
        gate = Gate(str(fence["folder"]), int(fence["token"])) if fence else None
        stream = Stream(number, target, credit, self._send, self._drop, gate)
        self._streams[number] = stream
        start_new_thread(stream.begin, ())

    def _drop(self, number: int) -> None:
        self._streams.pop(number, None)


def connect(target: str) -> socket.socket:
    """Connect to "unix:/path" or "tcp:address:port"."""
    kind, _, rest = target.partition(":")
    if kind == "unix":
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            sock.settimeout(CONNECT)
            sock.connect(rest)
        except OSError:
            sock.close()
            raise
        sock.settimeout(None)
        return sock
    address, _, port = rest.rpartition(":")
    if kind != "tcp" or not port.isdigit():
        raise ValueError("a stream goes to unix:/path or tcp:address:port")
    found = socket.create_connection((address.strip("[]"), int(port)), CONNECT)
    found.settimeout(None)
    found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return found


def reason(target: str, error: Exception) -> str:
    """Return in one line why a target could not be reached."""
    number = getattr(error, "errno", None)
    said = os.strerror(number) if isinstance(number, int) and number > 0 else str(error)
    return "%s: %s" % (target, said)


def _shut(sock: socket.socket, how: int) -> None:
    try:
        sock.shutdown(how)
    except OSError:
        pass
    if how == socket.SHUT_RDWR:
        sock.close()
