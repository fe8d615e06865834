"""Commands on the host: own process group, both pipes drained and bounded, killed on timeout."""

import os
import select
import time
from _thread import allocate_lock
from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence, Set, Union

from orchestr8.remote.child import Child, start
from orchestr8.remote.module import Failure
from orchestr8.remote.streams import LIMIT, Kept, text

__all__ = ["Finished", "end_all", "kill_group", "run", "running", "text"]

CHUNK = 65536
GRACE = 5.0
LINGER = 1.0
TERM = 15
KILL = 9

running: Set[int] = set()
"""Leaders of the process groups alive now: whoever ends this process early must end them too."""
_starting = allocate_lock()
"""Held while a command starts: between its first step and its entry in `running` nobody may look there."""


class Finished:
    """How a command ended; `rc` is negative when a signal ended it, times are seconds since the epoch."""

    def __init__(self, rc: int, stdout: bytes, stderr: bytes, start: float, end: float) -> None:
        self.rc = rc
        self.stdout = stdout
        self.stderr = stderr
        self.start = start
        self.end = end
        self.timed_out = False
        self.truncated = 0


def run(
    argv: Union[str, Sequence[str]],
    *,
    stdin: bytes = b"",
    cwd: Optional[str] = None,
    environ: Optional[Mapping[str, str]] = None,
    timeout: Optional[float] = None,
    umask: Optional[int] = None,
    shell: bool = False,
    executable: Optional[str] = None,
    parse: bool = False,
    limit: int = LIMIT,
    progress: Optional[Callable[[str], None]] = None,
) -> Finished:
    """Run a command to its end and return how it ended; raise Failure when it cannot be started.

    argv: a list; with `shell`, one string for `executable` (/bin/sh) -c. environ: added to the environment.
    parse: speak C.UTF-8, for callers that read messages. umask: for the command only. timeout: seconds, then
    TERM, 5 s, KILL to the whole group. progress: gets each line of stdout as it comes.
    """
    line = _line(argv, executable, shell=shell)
    settings: Dict[str, Any] = {"cwd": cwd, "environ": _environ(environ, parse=parse), "umask": umask}
    program = None if shell else executable

    def begin() -> Child:
        return start(line, executable=program, **settings)

    return watch(begin, line, stdin=stdin, timeout=timeout, limit=limit, progress=progress)


def watch(
    begin: Callable[[], Child],
    shown: Any,
    *,
    stdin: bytes = b"",
    timeout: Optional[float] = None,
    limit: int = LIMIT,
    progress: Optional[Callable[[str], None]] = None,
) -> Finished:
    """See what `begin` starts to its end; raise Failure, which names it as `shown`, when it cannot start."""
    began = time.time()
    try:
        with _starting:
            child = begin()
            running.add(child.pid)
    except (OSError, ValueError) as error:
        number = getattr(error, "errno", None) or 2
        raise Failure(str(error), rc=number, cmd=shown, stdout="", stderr="") from None
    try:
        return _Watch(child, stdin, timeout, limit, progress).result(began)
    finally:
        if child.poll() is None:
            kill_group(child.pid, KILL)
            child.poll(wait=True)
        running.discard(child.pid)


def kill_group(leader: int, number: int) -> None:
    """Send a signal to a process group that may be gone already."""
    try:
        os.killpg(leader, number)
    except OSError:
        pass


def end_all() -> None:
    """End every command that runs: TERM, half a second, KILL; from here on none starts any more."""
    _starting.acquire(timeout=2.0)
    leaders = list(running)
    for leader in leaders:
        kill_group(leader, TERM)
    if leaders:
        time.sleep(0.5)
    for leader in leaders:
        kill_group(leader, KILL)


def _line(argv: Union[str, Sequence[str]], executable: Optional[str], *, shell: bool) -> List[str]:
    if shell:
        return [executable or "/bin/sh", "-c", str(argv)]
    if isinstance(argv, str):
        raise Failure("a command without a shell is a list of words, not a string")
    if not argv:
        raise Failure("no command given", rc=256)
    return [str(word) for word in argv]


def _environ(extra: Optional[Mapping[str, str]], *, parse: bool) -> Dict[str, str]:
    whole = dict(os.environ)
    if parse:
        whole.update(LANG="C.UTF-8", LC_ALL="C.UTF-8", LC_MESSAGES="C.UTF-8")
        whole.pop("LANGUAGE", None)
    for name, value in (extra or {}).items():
        whole[str(name)] = str(value)
    return whole


class _Lines:
    """Cuts what comes into lines for somebody who watches."""

    def __init__(self, sink: Callable[[str], None]) -> None:
        self._sink = sink
        self._rest = b""

    def add(self, chunk: bytes) -> None:
        """Take the next bytes."""
        parts = (self._rest + chunk).split(b"\n")
        self._rest = parts.pop()[-CHUNK:]
        for part in parts:
            self._sink(text(part))


class _Watch:
    """Feeds a child, drains it, and ends it when its time is over."""

    def __init__(
        self,
        child: Child,
        stdin: bytes,
        timeout: Optional[float],
        limit: int,
        progress: Optional[Callable[[str], None]],
    ) -> None:
        self._child = child
        self._feed = memoryview(stdin)
        self._deadline = None if timeout is None else time.monotonic() + timeout
        self._kill_at: Optional[float] = None
        self._gone_at: Optional[float] = None
        self._lines = _Lines(progress) if progress else None
        self._kept = {child.stdout: Kept(limit), child.stderr: Kept(limit)}
        self._open = {child.stdin, child.stdout, child.stderr}
        self._poll = select.poll()
        self._nap = 0.0005
        self.timed_out = False

    def result(self, began: float) -> Finished:
        """Wait for the end."""
        try:
            self._register()
            while self._open.intersection(self._kept) and not self._over():
                for number, _ in self._poll.poll(self._pause()):
                    self._serve(number)
        finally:
            for number in list(self._open):
                self._drop(number)
        while self._child.poll() is None:
            self._over()
            time.sleep(self._nap)
            self._nap = min(0.05, 2 * self._nap)
        if self.timed_out:
            kill_group(self._child.pid, KILL)
        return self._finished(began)

    def _finished(self, began: float) -> Finished:
        out, err = (self._kept[pipe].value() for pipe in (self._child.stdout, self._child.stderr))
        done = Finished(self._child.rc or 0, out, err, began, time.time())
        done.timed_out = self.timed_out
        done.truncated = sum(kept.dropped for kept in self._kept.values())
        return done

    def _register(self) -> None:
        for number in (self._child.stdout, self._child.stderr):
            os.set_blocking(number, False)
            self._poll.register(number, select.POLLIN)
        if self._feed:
            os.set_blocking(self._child.stdin, False)
            self._poll.register(self._child.stdin, select.POLLOUT)
        else:
            self._open.discard(self._child.stdin)
            os.close(self._child.stdin)

    def _pause(self) -> int:
        """Milliseconds to wait: short while the child is known to be gone, else up to the next deadline."""
        if self._gone_at is not None:
            return 50
        limits = [at for at in (self._deadline, self._kill_at) if at is not None]
        wait = min(limits) - time.monotonic() if limits else 0.2
        return int(1000 * max(0.0, min(wait, 0.2)))

    def _over(self) -> bool:
        """Whether to stop draining: the child ended a while ago, though somebody holds its pipes."""
        now = time.monotonic()
        if self._gone_at is None and self._child.poll() is not None:
            self._gone_at = now
        if self._deadline is not None and now >= self._deadline:
            kill_group(self._child.pid, TERM)
            self._deadline, self._kill_at, self.timed_out = None, now + GRACE, True
        if self._kill_at is not None and now >= self._kill_at:
            kill_group(self._child.pid, KILL)
            self._kill_at = None
        return self._gone_at is not None and now - self._gone_at >= LINGER

    def _serve(self, number: int) -> None:
        if number == self._child.stdin:
            self._write()
            return
        try:
            chunk = os.read(number, CHUNK)
        except BlockingIOError:
            return
        if not chunk:
            self._drop(number)
            return
        self._kept[number].add(chunk)
        if self._lines is not None and number == self._child.stdout:
            self._lines.add(chunk)

    def _write(self) -> None:
        try:
            self._feed = self._feed[os.write(self._child.stdin, self._feed[:CHUNK]) :]
        except BlockingIOError:
            return
        except OSError:
            self._feed = self._feed[:0]
        if not self._feed:
            self._drop(self._child.stdin)

    def _drop(self, number: int) -> None:
        if number in self._open:
            self._open.discard(number)
            try:
                self._poll.unregister(number)
            except (KeyError, OSError):
                pass
            os.close(number)
