"""Threads that carry out work; at most as many as there are forks, started when needed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any

from orchestr8.core.errors import O8Error

Job = Callable[[], Any]


class Lanes:
    """Runs jobs in threads and hands back (tag, result or error); `wake` hands back a tag alone."""

    def __init__(self, most: int) -> None:
        self._most = max(1, most)
        self._threads: list[threading.Thread] = []
        self._jobs: SimpleQueue[tuple[Any, Job] | None] = SimpleQueue()
        self._done: SimpleQueue[tuple[Any, Any]] = SimpleQueue()
        self.busy = 0

    @property
    def free(self) -> int:
        """How many more jobs can be under way."""
        return self._most - self.busy

    def submit(self, tag: Any, job: Job) -> None:
        """Start a job."""
        self.busy += 1
        if self.busy > len(self._threads):
            thread = threading.Thread(target=self._serve, daemon=True, name=f"lane-{len(self._threads)}")
            self._threads.append(thread)
            thread.start()
        self._jobs.put((tag, job))

    def wake(self) -> None:
        """Let `next` return although no job ended."""
        self._done.put((None, None))

    def next(self) -> tuple[Any, Any]:
        """Return the tag and the result (or exception) of a job that ended; wait for one."""
        tag, result = self._done.get()
        if tag is not None:
            self.busy -= 1
        return tag, result

    def close(self) -> None:
        """Let every thread end when it is idle."""
        for _ in self._threads:
            self._jobs.put(None)
        self._threads = []

    def _serve(self) -> None:
        while (entry := self._jobs.get()) is not None:
            tag, job = entry
            self._done.put((tag, _outcome(job)))


def _outcome(job: Job) -> Any:
    try:
        return job()
    except O8Error as error:
        return error
    except Exception as error:  # noqa: BLE001 -- the lane's boundary: a defect of ours stops one cell
        return error
