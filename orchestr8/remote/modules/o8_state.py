"""The records of revisions on a host: read all of a project, write some, forget some; one call each."""

import errno
import os
import re
import time
from typing import Any, Dict, Iterator, List

from orchestr8.remote.fence import Gate, Shut, lease
from orchestr8.remote.host_timers import drop, kind, put, timers
from orchestr8.remote.kept_file import replace
from orchestr8.remote.module import Arg, Call, Failure, Module

_PROJECT = re.compile(r"[a-z0-9][a-z0-9_.-]{0,62}\Z")
_SERVICE = re.compile(r"[a-z0-9]([a-z0-9_-]{0,38}[a-z0-9])?\Z")
_RECORD = re.compile(r"[1-9][0-9]{0,8}\.json\Z")
_LARGEST = 4 << 20
_FOLDER = "revisions"
_CORDON = ".cordoned"


_OPS = ["projects", "read", "write", "cordon", "timer"]


class State(Module):
    """Keep small private files `ROOT/PROJECT/SERVICE/revisions/N.json`, each replaced as a whole."""

    name = "o8_state"
    args = {
        "op": Arg("str", "What to do.", required=True, choices=_OPS),
        "root": Arg("path", "The folder of all projects.", required=True),
        "project": Arg("str", "The project."),
        "put": Arg("list", "Records to write: service, number, text.", elements="dict", default=[]),
        "forget": Arg("list", "Records to remove: service, number.", elements="dict", default=[]),
        "mark": Arg("str", "For cordon: who and when; empty lets replicas start again.", default=""),
        "token": Arg("int", "For write and timer: the lease that must be held."),
        "timer": Arg("dict", "For timer: service, slot; container, schedule, cron to set it.", default={}),
    }

    def run(self, call: Call) -> Dict[str, Any]:
        """Do it."""
        root = call["root"]
        try:
            if call["op"] == "projects":
                return {"changed": False, "projects": _names(root, _PROJECT)}
            if call["op"] == "cordon":
                return _cordon(root, call["mark"])
            folder = os.path.join(root, _checked(_PROJECT, call["project"]))
            if call["op"] == "read":
                seen = {"timers": timers(call["project"]), "timekeeper": kind(), "clock": _clock()}
                return {**_read(folder), "cordoned": _cordoned(root), **seen}
            return _guarded(folder, call)
        except Shut as error:
            raise Failure(str(error), fenced=True) from None
        except PermissionError as error:
            raise Failure(
                "%s: permission denied; use become, or another folder by o8_state_dir" % error.filename,
                denied=True,
            ) from None
        except OSError as error:
            raise Failure("%s: %s" % (error.filename or root, error.strerror)) from None


def _checked(grammar: Any, name: Any) -> str:
    text = str(name)
    if not grammar.match(text):
        raise Failure("%r is no name of a record" % text)
    return text


def _names(folder: str, grammar: Any) -> List[str]:
    try:
        return sorted(name for name in os.listdir(folder) if grammar.match(name))
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENOTDIR):
            return []
        raise


def _clock() -> str:
    """Return the host's own time, by which its timers go."""
    return time.strftime("%Y-%m-%dT%H:%M:%S")


def _guarded(folder: str, call: Call) -> Dict[str, Any]:
    if call["token"] is None:
        return _change(folder, call)
    with Gate(folder, call["token"]):
        return _change(folder, call)


def _change(folder: str, call: Call) -> Dict[str, Any]:
    timer = call["timer"]
    if call["op"] != "timer":
        return _write(folder, call["put"], call["forget"])
    if timer.get("container"):
        put(call["project"], timer)
    else:
        drop(call["project"], str(timer["service"]), int(timer["slot"]))
    return {"changed": True}


def _cordon(root: str, mark: str) -> Dict[str, Any]:
    """Note that nothing new is to start on this host, or that it may again."""
    before = _cordoned(root)
    path = os.path.join(root, _CORDON)
    if mark and not before:
        replace(path, mark.encode("utf-8"))
    elif before and not mark:
        os.unlink(path)
    return {"changed": bool(mark) != bool(before), "cordoned": mark and (before or mark)}


def _cordoned(root: str) -> str:
    """Return who cordoned the host and when, nothing when it is open."""
    try:
        with open(os.path.join(root, _CORDON), encoding="utf-8") as stream:
            return stream.read(400) or "somebody"
    except FileNotFoundError:
        return ""


def _read(folder: str) -> Dict[str, Any]:
    records = []
    damaged = []
    for service, name, path in _files(folder):
        try:
            text = _text(path)
        except (OSError, ValueError) as error:
            damaged.append({"path": path, "reason": str(getattr(error, "strerror", None) or error)})
            continue
        records.append({"service": service, "number": int(name[:-5]), "text": text})
    return {"changed": False, "records": records, "damaged": damaged, "token": _token(folder)}


def _token(folder: str) -> int:
    """Return the token of the last lease, -1 while somebody holds one."""
    try:
        found = lease(folder)
    except (OSError, ValueError):
        return -1
    return 0 if not found else found["token"] if found.get("free") else -1


def _files(folder: str) -> Iterator[Any]:
    for service in _names(folder, _SERVICE):
        place = os.path.join(folder, service, _FOLDER)
        for name in _names(place, _RECORD):
            yield service, name, os.path.join(place, name)


def _text(path: str) -> str:
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(handle, "rb") as stream:
        data = stream.read(_LARGEST + 1)
    if len(data) > _LARGEST:
        raise ValueError("larger than %d bytes" % _LARGEST)
    return data.decode("utf-8")


def _write(folder: str, put: List[Dict[str, Any]], forget: List[Dict[str, Any]]) -> Dict[str, Any]:
    for record in put:
        replace(_path(folder, record), str(record["text"]).encode("utf-8"))
    for record in forget:
        try:
            os.unlink(_path(folder, record))
        except FileNotFoundError:
            continue
    return {"changed": bool(put or forget)}


def _path(folder: str, record: Dict[str, Any]) -> str:
    name = _checked(_RECORD, "%s.json" % record.get("number"))
    return os.path.join(folder, _checked(_SERVICE, record.get("service")), _FOLDER, name)


MODULE = State
