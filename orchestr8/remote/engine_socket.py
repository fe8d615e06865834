"""Questions to the container engine on its own socket: GET requests whose answers are JSON."""

import socket
from typing import Any, Tuple

from orchestr8.remote.jsontext import loads
from orchestr8.remote.module import Failure

_PIECE = 1 << 16
_GONE = 404


class Engine:
    """The engine behind a socket; `newest` is the latest version of its API that the caller knows."""

    def __init__(self, path: str, newest: str, timeout: float) -> None:
        self._path = path
        self._timeout = timeout
        self._base = ""
        theirs = str(self.get("/version").get("ApiVersion") or newest)
        self._base = "/v" + min(theirs, newest, key=_number)

    def get(self, path: str) -> Any:
        """Return the JSON of an answer, None for what is not there; raise Failure."""
        status, body = self._asked(self._base + path)
        try:
            found = loads(body.decode("utf-8").strip())
        except ValueError:
            raise Failure("the engine answered %d without JSON" % status) from None
        if status == _GONE:
            return None
        if status >= 300:
            raise Failure(str(found.get("message") or "HTTP %d" % status))
        return found

    def _asked(self, path: str) -> Tuple[int, bytes]:
        """Ask in HTTP/1.0, whose answers end with the connection."""
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
                sock.settimeout(self._timeout)
                sock.connect(self._path)
                sock.sendall(b"GET %s HTTP/1.0\r\nHost: engine\r\n\r\n" % path.encode("ascii"))
                pieces = list(iter(lambda: sock.recv(_PIECE), b""))
        except socket.timeout:
            raise Failure("the engine did not answer in time") from None
        except OSError as error:
            raise Failure("%s: %s" % (self._path, (error.strerror or str(error)).lower())) from None
        head, _, body = b"".join(pieces).partition(b"\r\n\r\n")
        words = head.split(None, 2)
        if len(words) < 2 or not words[1].isdigit():
            raise Failure("the engine ended the connection without an answer")
        return int(words[1]), body


def _number(version: str) -> Tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())
