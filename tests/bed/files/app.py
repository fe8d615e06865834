"""The application under test: an HTTP server whose behaviour is set by its environment.

VERSION         text in every reply
PORT            port to listen on (8080)
START_DELAY     seconds before it listens
HEALTH          ok, fail (always 503) or flap (every other check is 503)
CRASH_AFTER     seconds until it exits with code 1; 0 at once
IGNORE_TERM     any text: SIGTERM is ignored
SLOW            seconds that every request but the health check takes
ERRORS          percent of the requests, but the health checks, that are answered with 500

GET /?slow=2 takes two seconds; GET /?size=100000 is answered with so many bytes more.
"""

import json
import os
import signal
import socket
import sys
import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from urllib.parse import parse_qs, urlsplit

VERSION = os.environ.get("VERSION", "none")
HEALTH = os.environ.get("HEALTH", "ok")
SLOW = float(os.environ.get("SLOW") or 0)
ERRORS = float(os.environ.get("ERRORS") or 0)
checks = count()
requests = count(1)


class Reply(BaseHTTPRequestHandler):
    """Answers every GET with the application's version and its container's id."""

    protocol_version = "HTTP/1.1"

    def setup(self) -> None:
        super().setup()
        connections.add(self.connection)

    def finish(self) -> None:
        connections.discard(self.connection)
        super().finish()

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        if url.path == "/healthz":
            self.answer(200 if self.healthy() else 503, {"health": HEALTH})
            return
        wanted = parse_qs(url.query)
        time.sleep(float(wanted.get("slow", [SLOW])[0]))
        more = {"filler": "x" * int(wanted["size"][0])} if "size" in wanted else {}
        self.answer(500 if failing(next(requests)) else 200, {"path": self.path, **more})

    def healthy(self) -> bool:
        return HEALTH == "ok" or (HEALTH == "flap" and next(checks) % 2 == 0)

    def answer(self, status: int, body: dict[str, str]) -> None:
        body = {"version": VERSION, "container": socket.gethostname(), **body}
        data = json.dumps(body).encode() + b"\n"
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        if stopping.is_set():
            self.send_header("Connection", "close")
            self.close_connection = True
        self.end_headers()
        self.wfile.write(data)

    def log_request(self, code: object = "-", size: object = "-") -> None:
        """Say nothing about single requests."""


def failing(number: int) -> bool:
    """Whether the nth request is one of those that fail: they are spread evenly."""
    return int(number * ERRORS / 100) > int((number - 1) * ERRORS / 100)


class Server(ThreadingHTTPServer):
    """Waits for the requests in flight when it stops."""

    daemon_threads = False
    request_queue_size = 128


stopping = threading.Event()
connections: set[socket.socket] = set()


def crash(seconds: float) -> None:
    print(f"app {VERSION}: crashing after {seconds:g} s", file=sys.stderr, flush=True)
    time.sleep(seconds)
    os._exit(1)


def stop(server: Server) -> None:
    stopping.set()
    threading.Thread(target=server.shutdown).start()


def main() -> None:
    crash_after = os.environ.get("CRASH_AFTER", "")
    if crash_after:
        threading.Thread(target=crash, args=(float(crash_after),), daemon=True).start()
    if os.environ.get("IGNORE_TERM"):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    else:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    time.sleep(float(os.environ.get("START_DELAY") or 0))
    server = Server(("", int(os.environ.get("PORT") or 8080)), Reply)
    if not os.environ.get("IGNORE_TERM"):
        signal.signal(signal.SIGTERM, lambda *_: stop(server))
    print(f"app {VERSION}: listening on {server.server_address[1]}", flush=True)
    server.serve_forever(poll_interval=0.05)
    for connection in list(connections):
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RD)
    server.server_close()


main()
