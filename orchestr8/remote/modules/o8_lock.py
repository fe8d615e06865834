"""The lease of a project on a host: who may change its services, until when by the host's own clock."""

import os
import re
import time
from typing import Any, Callable, Dict, List

from orchestr8.remote.fence import LEASE, LOCK, Shut, acquire, lease, release
from orchestr8.remote.jsontext import dumps
from orchestr8.remote.kept_file import replace
from orchestr8.remote.module import Arg, Call, Failure, Module

_PROJECT = re.compile(r"[a-z0-9][a-z0-9_.-]{0,62}\Z")
_BOOT_CLOCK = 7
_PATIENCE = 45.0
_TEXTS = ("run", "by", "reason", "seat")

Lease = Dict[str, Any]


class Lock(Module):
    """Take, renew, give back, break and show leases; nobody's date is ever looked at."""

    name = "o8_lock"
    args = {
        "op": Arg("str", "What to do.", required=True, choices=["take", "renew", "release", "break", "show"]),
        "root": Arg("path", "The folder of all projects.", required=True),
        "project": Arg("str", "The project; for `show` all of them when it is left out."),
        "token": Arg("int", "For renew and release: the lease that is meant."),
        "over": Arg("int", "For take: a lease whose holder is known to be dead."),
        "run": Arg("str", "For take: who asks; for break: whose lease is ended.", default=""),
        "by": Arg("str", "For take: user and machine.", default=""),
        "reason": Arg("str", "For take: what for.", default=""),
        "seat": Arg("str", "For take: what tells the holder's process from others.", default=""),
        "seconds": Arg(
            "float", "For take and renew: how long the lease lives without a sign of life.", default=60.0
        ),
    }

    def run(self, call: Call) -> Dict[str, Any]:
        """Do it."""
        root = call["root"]
        try:
            if call["op"] == "show":
                return {"changed": False, "leases": _shown(root, call["project"])}
            if not _PROJECT.match(str(call["project"])):
                raise Failure("%r is no name of a project" % call["project"])
            return _locked(os.path.join(root, call["project"]), _DEEDS[call["op"]], call)
        except Shut as error:
            raise Failure(str(error), busy=True) from None
        except PermissionError as error:
            raise Failure("%s: permission denied" % error.filename, denied=True) from None
        except OSError as error:
            raise Failure("%s: %s" % (error.filename or root, error.strerror)) from None
        except ValueError as error:
            raise Failure(
                "%s; remove the file `%s` there while no run is under way" % (error, LEASE)
            ) from None


def _locked(folder: str, deed: Callable[[str, Call, Lease], Dict[str, Any]], call: Call) -> Dict[str, Any]:
    """Do it under the lock; a sign of life does not wait for what its own holder is changing just now."""
    if call["op"] == "take":
        os.makedirs(folder, 0o700, exist_ok=True)
    elif not os.path.exists(os.path.join(folder, LOCK)):
        return {"changed": False, "held": False}
    handle = acquire(folder, alone=call["op"] != "renew", patience=_PATIENCE)
    try:
        return deed(folder, call, lease(folder))
    finally:
        release(handle)


def _take(folder: str, call: Call, found: Lease) -> Dict[str, Any]:
    token = int(found.get("token") or 0)
    held = _holding(found)
    mine = bool(held) and found["run"] == call["run"]
    if held and not mine and held["left"] > 0 and call["over"] != token:
        return {"changed": False, "holder": held}
    clean = not found or bool(found.get("free"))
    given = {name: call[name] for name in _TEXTS}
    fresh = token if mine else token + 1
    now = _uptime()
    made = dict(given, token=fresh, seconds=call["seconds"], boot=_boot(), taken=now, renewed=now)
    _write(folder, made)
    return {"changed": True, "token": fresh, "clean": clean}


def _renew(folder: str, call: Call, found: Lease) -> Dict[str, Any]:
    if not found or found["token"] != call["token"] or found.get("free"):
        return {"changed": False, "held": False, "holder": _holding(found)}
    _write(folder, dict(found, seconds=call["seconds"], boot=_boot(), renewed=_uptime()))
    return {"changed": True, "held": True}


def _release(folder: str, call: Call, found: Lease) -> Dict[str, Any]:
    if not found or found["token"] != call["token"] or found.get("free"):
        return {"changed": False, "held": False}
    _write(folder, {"token": found["token"], "free": True})
    return {"changed": True, "held": True}


def _break(folder: str, call: Call, found: Lease) -> Dict[str, Any]:
    """End a lease whoever holds it: a token of nobody comes after it, so that its holder is shut out."""
    if not found or found.get("free") or found["run"] != call["run"]:
        return {"changed": False, "held": False}
    _write(folder, {"token": found["token"] + 1, "free": True})
    return {"changed": True, "held": True, "holder": _holding(found)}


_DEEDS = {"take": _take, "renew": _renew, "release": _release, "break": _break}


def _shown(root: str, project: Any) -> List[Lease]:
    try:
        names = [str(project)] if project else sorted(os.listdir(root))
    except FileNotFoundError:
        return []
    known = {name: _holding(lease(os.path.join(root, name))) for name in names if _PROJECT.match(name)}
    return [dict(held, project=name) for name, held in sorted(known.items()) if held]


def _holding(found: Lease) -> Lease:
    """Return who holds a lease, with durations by this host's clock; {} when nobody does.

    After a restart of the host its clock begins anew: the lease lives on from there, once more in full.
    """
    if not found or found.get("free"):
        return {}
    same, now = found["boot"] == _boot(), _uptime()
    quiet = now - found["renewed"] if same else now
    shown = {name: found[name] for name in _TEXTS}
    age = now - found["taken"] if same else None
    return dict(shown, token=found["token"], age=age, quiet=quiet, left=max(0.0, found["seconds"] - quiet))


def _write(folder: str, made: Lease) -> None:
    replace(os.path.join(folder, LEASE), dumps(made).encode("ascii"))


def _uptime() -> float:
    """Return seconds since the host started, sleep included; setting its date changes nothing."""
    try:
        return time.clock_gettime(_BOOT_CLOCK)
    except (AttributeError, OSError):
        return time.monotonic()


def _boot() -> str:
    try:
        with open("/proc/sys/kernel/random/boot_id") as stream:
            return stream.read().strip()
    except OSError:
        return ""


MODULE = Lock
