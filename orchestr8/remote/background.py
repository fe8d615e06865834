"""Jobs that go on behind a call: a process of its own does the work and leaves its result in a file."""

import os
import signal
import time
from typing import Any, Callable, Dict

from orchestr8.remote import calls
from orchestr8.remote.jsontext import dumps
from orchestr8.remote.module import Failure

FOLDER = "~/.ansible_async"
GRACE = 5.0


def folder() -> str:
    """Return where this user's jobs leave their results."""
    return os.path.expanduser(os.environ.get("ANSIBLE_ASYNC_DIR") or FOLDER)


def job_path(job: str) -> str:
    """Return the file of a job; raise Failure for what is no name of a job."""
    if not job or job.startswith(".") or os.sep in job:
        raise Failure("`%s` is not the name of a job" % job, ansible_job_id=job)
    return os.path.join(folder(), job)


def start(limit: float, work: Callable[[], Dict[str, Any]]) -> Dict[str, Any]:
    """Begin a job that is ended after `limit` seconds, and return at once where its result will be."""
    job = "j%d.%d" % (int.from_bytes(os.urandom(5), "big"), os.getpid())
    path = job_path(job)
    os.makedirs(folder(), 0o700, exist_ok=True)
    _write(path, {"started": True, "finished": False, "ansible_job_id": job})
    child = os.fork()
    if child == 0:
        _detached(path, job, limit, work)
    os.waitpid(child, 0)
    return {
        "started": True,
        "finished": False,
        "changed": True,
        "ansible_job_id": job,
        "results_file": path,
    }


def _detached(path: str, job: str, limit: float, work: Callable[[], Dict[str, Any]]) -> None:
    """Leave the caller's session and its pipes, so that neither waits for the other; never returns."""
    try:
        os.setsid()
        if os.fork() == 0:
            null = os.open(os.devnull, os.O_RDWR)
            for number in (0, 1, 2):
                os.dup2(null, number)
            os.closerange(3, 4096)
            _watched(path, job, limit, work)
    finally:
        os._exit(0)


def _watched(path: str, job: str, limit: float, work: Callable[[], Dict[str, Any]]) -> None:
    """Do the work in a process group that can be ended, and wait for it."""
    child = os.fork()
    if child == 0:
        os.setpgid(0, 0)
        _write(path, dict(calls.guarded(work), ansible_job_id=job, started=True, finished=True))
        os._exit(0)
    end = time.time() + limit
    while time.time() < end:
        if os.waitpid(child, os.WNOHANG)[0]:
            return
        time.sleep(0.1)
    _end(child)
    message = "Timeout exceeded: the job was ended after %g seconds" % limit
    late = {"failed": True, "changed": False, "msg": message, "child_pid": child}
    _write(path, dict(late, ansible_job_id=job, started=True, finished=True))


def _end(leader: int) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(leader, number)
        except OSError:
            return
        until = time.time() + GRACE
        while time.time() < until:
            if os.waitpid(leader, os.WNOHANG)[0]:
                return
            time.sleep(0.1)


def _write(path: str, result: Dict[str, Any]) -> None:
    whole = path + ".part"
    with open(whole, "w", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(dumps(result))
    os.rename(whole, path)
