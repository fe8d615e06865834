"""Starts a command with three pipes by fork and exec.

`subprocess` and what it imports would cost a host as much time as starting python3 does.
"""

import _signal  # type: ignore[import-not-found]
import fcntl
import os
from typing import Dict, List, Mapping, Optional, Tuple


class Child:
    """A started command: its pid, our ends of its pipes, and how it ended once it has."""

    def __init__(self, pid: int, stdin: int, stdout: int, stderr: int) -> None:
        self.pid = pid
        self.stdin = stdin
        self.stdout = stdout
        self.stderr = stderr
        self.rc: Optional[int] = None

    def poll(self, *, wait: bool = False) -> Optional[int]:
        """Return how the command ended, negative for a signal, or None while it runs."""
        if self.rc is None:
            try:
                pid, status = os.waitpid(self.pid, 0 if wait else os.WNOHANG)
            except ChildProcessError:
                pid, status = self.pid, 0
            if pid:
                self.rc = -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
        return self.rc


def start(
    line: List[str],
    *,
    executable: Optional[str] = None,
    cwd: Optional[str] = None,
    environ: Optional[Mapping[str, str]] = None,
    umask: Optional[int] = None,
) -> Child:
    """Start a command in a session of its own; raise OSError when it cannot be started."""
    words = [os.fsencode(word) for word in line]
    whole = {os.fsencode(name): os.fsencode(value) for name, value in (environ or os.environ).items()}
    if any(b"\0" in word for word in words) or any(b"\0" in b for pair in whole.items() for b in pair):
        raise ValueError("embedded null byte")
    paths = _paths(os.fsencode(executable or line[0]), whole)
    pipes = [os.pipe() for _ in range(4)]
    pid = os.fork()
    if pid == 0:
        _become(paths, words, whole, cwd, umask, pipes)
    for number in (pipes[0][0], pipes[1][1], pipes[2][1], pipes[3][1]):
        os.close(number)
    child = Child(pid, pipes[0][1], pipes[1][0], pipes[2][0])
    _raise_if_unstarted(child, pipes[3][0], line, cwd)
    return child


def _raise_if_unstarted(child: Child, report: int, line: List[str], cwd: Optional[str]) -> None:
    told = b""
    try:
        told = os.read(report, 64)
    finally:
        os.close(report)
    if not told:
        return
    child.poll(wait=True)
    for number in (child.stdin, child.stdout, child.stderr):
        os.close(number)
    step, code = told.decode("ascii").split()
    raise OSError(int(code), os.strerror(int(code)), cwd if step == "cwd" else line[0])


def _paths(program: bytes, environ: Dict[bytes, bytes]) -> List[bytes]:
    if b"/" in program:
        return [program]
    folders = environ.get(b"PATH", os.fsencode(os.defpath)).split(b":")
    return [os.path.join(folder or b".", program) for folder in folders]


def _become(
    paths: List[bytes],
    words: List[bytes],
    environ: Dict[bytes, bytes],
    cwd: Optional[str],
    umask: Optional[int],
    pipes: List[Tuple[int, int]],
) -> None:
    """Turn the forked copy into the command; nothing here may return."""
    step, code = "exec", 2
    (stdin, _), (_, stdout), (_, stderr), (_, report) = pipes
    try:
        os.setsid()
        tidy([stdin, stdout, stderr])
        if umask is not None:
            os.umask(umask)
        if cwd is not None:
            step = "cwd"
            os.chdir(cwd)
            step = "exec"
        code = _exec(paths, words, environ)
    except OSError as error:
        code = error.errno or 2
    finally:
        os.write(report, ("%s %d" % (step, code)).encode("ascii"))
        os._exit(127)


def tidy(ends: List[int]) -> None:
    """Give a forked copy the signals of any program, and these as its input, output and error output."""
    for number in (_signal.SIGPIPE, _signal.SIGXFSZ, _signal.SIGALRM):
        _signal.signal(number, _signal.SIG_DFL)
    high = [fcntl.fcntl(end, fcntl.F_DUPFD, 10) for end in ends]
    for number, end in enumerate(high):
        os.dup2(end, number)
        os.close(end)


def _exec(paths: List[bytes], words: List[bytes], environ: Dict[bytes, bytes]) -> int:
    """Try each path; return the error that tells most."""
    code = 2
    for path in paths:
        try:
            os.execve(path, words, environ)
        except OSError as error:
            if error.errno not in (2, 20) and code == 2:
                code = error.errno or 2
    return code
