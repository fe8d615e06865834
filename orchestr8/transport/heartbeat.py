"""One thread that looks after every open connection of a run."""

from __future__ import annotations

import threading
import time
import weakref

from orchestr8.transport.rpc import Rpc

PERIOD = 1.0


class Heartbeat:
    """Beats for all runners once a second; starts with the first and needs no end."""

    def __init__(self) -> None:
        self._rpcs: weakref.WeakSet[Rpc] = weakref.WeakSet()
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def watch(self, rpc: Rpc) -> None:
        """Look after one more runner."""
        with self._lock:
            self._rpcs.add(rpc)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)
                self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._stop.set()

    def _run(self) -> None:
        while not self._stop.wait(PERIOD):
            now = time.monotonic()
            with self._lock:
                rpcs = list(self._rpcs)
            gone = [rpc for rpc in rpcs if not rpc.beat(now)]
            with self._lock:
                for rpc in gone:
                    self._rpcs.discard(rpc)
