"""A steady load of requests that counts who answers and what fails.

As a balancer does, a request that one address does not answer is tried at the next; it has failed when none
answers. Run it with: python -m tests.bed.load [--once] [--seconds N] URL...
"""

from __future__ import annotations

import argparse
import http.client
import json
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from tests.bed.command import BedError

TIMEOUT = 15.0
UNDER_WAY = 0.7
LONGEST = 600.0


@dataclass
class Report:
    """What the load saw: requests by version, those answered only at another address, those not at all.

    cut: errors of requests well under way; one begun at the very end of a server may be refused.
    """

    versions: Counter[str] = field(default_factory=Counter)
    containers: Counter[str] = field(default_factory=Counter)
    retried: int = 0
    failures: list[str] = field(default_factory=list)
    cut: list[str] = field(default_factory=list)

    @property
    def requests(self) -> int:
        """How many requests were made."""
        return sum(self.versions.values()) + len(self.failures)

    def __str__(self) -> str:
        """The report as one line."""
        shares = ", ".join(f"{version} {count}" for version, count in sorted(self.versions.items()))
        return f"{self.requests} requests: {shares}; retried {self.retried}, failed {len(self.failures)}"


class Load:
    """Requests at a steady rate from a few threads, over the addresses in turn, while a `with` block runs.

    urls: the addresses, or what tells them anew for every request.
    """

    def __init__(
        self, urls: Sequence[str] | Callable[[], Sequence[str]], *, rate: float = 50, workers: int = 8
    ) -> None:
        self.report = Report()
        self._urls = urls if callable(urls) else lambda: urls
        self._pause = workers / rate
        self._stop = threading.Event()
        self._turns = count()
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(workers)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(TIMEOUT * (len(self._urls()) + 1))

    def more(self, number: int) -> Counter[str]:
        """Wait until so many more requests were answered; return how many of them by version."""
        before, ends = self._answered(), time.monotonic() + LONGEST
        while (found := self._answered() - before).total() < number:
            if time.monotonic() > ends:
                raise BedError(
                    f"{found.total()} of {number} requests were answered: {self.report.failures[-1:]}"
                )
            time.sleep(0.02)
        return found

    def _answered(self) -> Counter[str]:
        with self._lock:
            return self.report.versions.copy()

    def _run(self) -> None:
        ends = time.monotonic() + LONGEST
        while not self._stop.is_set() and time.monotonic() < ends:
            began = time.monotonic()
            self._request(next(self._turns))
            self._stop.wait(max(0.0, self._pause - (time.monotonic() - began)))

    def _request(self, turn: int) -> None:
        problem, urls = "there is no address", self._urls()
        for attempt in range(len(urls)):
            began = time.monotonic()
            try:
                body = fetch(urls[(turn + attempt) % len(urls)])
            except (OSError, http.client.HTTPException, ValueError) as failed:
                problem = str(failed) or type(failed).__name__
                refused = isinstance(failed, ConnectionRefusedError)
                if not refused and UNDER_WAY < time.monotonic() - began < TIMEOUT:
                    self.report.cut.append(problem)
                continue
            with self._lock:
                self.report.retried += bool(attempt)
                self.report.versions[body["version"]] += 1
                self.report.containers[body["container"]] += 1
            return
        with self._lock:
            self.report.failures.append(problem)


def fetch(url: str) -> dict[str, str]:
    """One request; anything but the application's own answer is an error."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=TIMEOUT)
    query = f"?{parts.query}" if parts.query else ""
    try:
        connection.request("GET", (parts.path or "/") + query)
        reply = connection.getresponse()
        text = reply.read()
    finally:
        connection.close()
    if reply.status != 200:
        raise ValueError(f"{url} answered {reply.status}")
    body = json.loads(text)
    if not isinstance(body, dict):
        raise ValueError(f"{url} did not answer with an object")
    return body


def answers(urls: Sequence[str]) -> int:
    """Print who answers at each address; the exit code says whether all did."""
    rc = 0
    for url in urls:
        try:
            body = fetch(url)
        except (OSError, http.client.HTTPException, ValueError) as problem:
            print(f"{url}  no answer: {problem}")
            rc = 1
        else:
            print(f"{url}  version {body['version']}  container {body['container']}")
    return rc


def main(argv: Sequence[str]) -> int:
    """Put load on the addresses until a signal or the time ends it; the exit code is 1 after a failure."""
    known = argparse.ArgumentParser(prog="python -m tests.bed.load")
    known.add_argument("urls", nargs="+")
    known.add_argument("--once", action="store_true", help="ask each address once")
    known.add_argument("--seconds", type=float, default=LONGEST)
    options = known.parse_args(argv)
    if options.once:
        return answers(options.urls)
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    with Load(options.urls) as load:
        ended.wait(options.seconds)
    print(load.report)
    for problem in sorted(set(load.report.failures))[:5]:
        print(f"  {problem}")
    return 1 if load.report.failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
