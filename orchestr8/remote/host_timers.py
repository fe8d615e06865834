"""Timers of a host that start containers: units of systemd where it runs, else lines of cron."""

import json
import os
import re
import subprocess
from shutil import which
from typing import Any, Dict, List

from orchestr8.remote.jsontext import loads
from orchestr8.remote.module import Failure

UNITS = "/etc/systemd/system"
TABLES = "/etc/cron.d"
_SYSTEMD = "/run/systemd/system"
_MARK = "# orchestr8 "
_SERVICE = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}\Z")
_CONTAINER = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]{0,254}\Z")
_PLAIN = re.compile(r"[A-Za-z0-9*,./:\- ]{1,200}\Z")
_LARGEST = 1 << 14
# A start that finds the container still running is none, so there is no such thing as too many of them.
_DOES = """[Unit]
Description=start %s
After=docker.service
StartLimitIntervalSec=0

[Service]
Type=oneshot
ExecStart=%s
"""
_WHEN = """[Timer]
OnCalendar=%s
AccuracySec=1s

[Install]
WantedBy=timers.target
"""


def kind() -> str:
    """Return what keeps time on this host: systemd, cron, or nothing."""
    if os.path.isdir(_SYSTEMD):
        return "systemd"
    return "cron" if os.path.isdir(TABLES) and (which("cron") or which("crond")) else ""


def timers(project: str) -> List[Dict[str, Any]]:
    """Return the timers of a project as they were set."""
    folder, ending = (UNITS, ".timer") if kind() == "systemd" else (TABLES, "")
    prefix = _stem(project, "", 0).rpartition("-")[0]
    found = []
    for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else ():
        if name.startswith(prefix) and name.endswith(ending):
            told = _told(os.path.join(folder, name))
            if told.get("project") == project:
                found.append(told)
    return found


def _told(path: str) -> Dict[str, Any]:
    try:
        with open(path, encoding="utf-8") as stream:
            first = stream.read(_LARGEST).partition("\n")[0]
        told = loads(first[len(_MARK) :]) if first.startswith(_MARK) else {}
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}


def _stem(project: str, service: str, slot: int) -> str:
    """Return the name of a timer's files; those of cron may have no dots."""
    return "o8-%s-%s-%d" % (project.replace(".", "-dot-"), service, slot)


def put(project: str, timer: Dict[str, Any]) -> None:
    """Have a container started by the calendar from now on."""
    service, container = str(timer["service"]), str(timer["container"])
    if not _SERVICE.match(service) or not _CONTAINER.match(container):
        raise Failure("%r is no name of a service's container" % container)
    if not all(_PLAIN.match(str(timer[key])) for key in ("schedule", "cron") if timer.get(key)):
        raise Failure("%r is no calendar expression" % timer["schedule"])
    stem, command = _stem(project, service, int(timer["slot"])), " ".join(_starting(container))
    told = {key: timer[key] for key in ("service", "slot", "container", "schedule")}
    head = _MARK + json.dumps(dict(told, project=project), sort_keys=True) + "\n"
    if kind() == "systemd":
        does = _DOES % (container, command)
        when = _WHEN % timer["schedule"]
        _write(os.path.join(UNITS, stem + ".service"), head + does)
        _write(os.path.join(UNITS, stem + ".timer"), head + when)
        _systemctl("daemon-reload")
        _systemctl("enable", stem + ".timer")
        _systemctl("restart", stem + ".timer")
    else:
        _write(os.path.join(TABLES, stem), "%s%s root %s >/dev/null\n" % (head, timer["cron"], command))


def drop(project: str, service: str, slot: int) -> None:
    """Have a container started no more; nothing when it was not."""
    if not _SERVICE.match(service):
        raise Failure("%r is no name of a service" % service)
    stem = _stem(project, service, slot)
    if kind() == "systemd":
        if os.path.exists(os.path.join(UNITS, stem + ".timer")):
            _systemctl("disable", "--now", stem + ".timer")
        _remove(os.path.join(UNITS, stem + ".timer"))
        _remove(os.path.join(UNITS, stem + ".service"))
        _systemctl("daemon-reload")
    else:
        _remove(os.path.join(TABLES, stem))


def _starting(container: str) -> List[str]:
    """Return the command that starts a container; one that still runs is left alone."""
    program = which("docker")
    if program:
        return [program, "start", container]
    program = which("curl")
    if program:
        url = "http://docker/containers/%s/start" % container
        return [program, "-sS", "--unix-socket", "/var/run/docker.sock", "-X", "POST", url]
    raise Failure("a timer needs the program docker or curl on the host to start a container")


def _write(path: str, text: str) -> None:
    temporary = os.path.join(os.path.dirname(path), ".o8-%s" % os.urandom(6).hex())
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644)
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    os.rename(temporary, path)


def _remove(path: str) -> None:
    try:
        os.unlink(path)
    except FileNotFoundError:
        return


def _systemctl(*words: str) -> None:
    done = subprocess.run(
        ["systemctl", *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=30, check=False
    )
    if done.returncode:
        said = done.stdout.decode("utf-8", "replace").strip()
        raise Failure("systemctl %s failed: %s" % (" ".join(words), said))
