"""timezone: sets the host's time zone and what its hardware clock shows."""

import os
from typing import Any, Dict, Optional

from orchestr8.remote.facts.platform import service_manager
from orchestr8.remote.facts.reading import Files
from orchestr8.remote.files import Replacement
from orchestr8.remote.module import Arg, Call, Failure, Module
from orchestr8.remote.programs import found, must

ZONES = "/usr/share/zoneinfo"
LOCALTIME, NAME, ADJTIME = "/etc/localtime", "/etc/timezone", "/etc/adjtime"


class Timezone(Module):
    """Sets the time zone, and whether the hardware clock shows local time."""

    name = "timezone"
    args = {
        "name": Arg("str", "The time zone, such as Europe/Berlin."),
        "hwclock": Arg("str", "What the hardware clock shows.", choices=["local", "UTC"], aliases=["rtc"]),
    }
    one_of = (("name", "hwclock"),)

    def run(self, call: Call) -> Dict[str, Any]:
        """Compare and repair."""
        now = {"name": _zone(), "hwclock": _clock()}
        wanted = {key: call[key] for key in now if call[key] is not None}
        if call["name"] is not None:
            _known(call["name"])
        before = {key: now[key] or "n/a" for key in wanted}
        changed = before != wanted or (call["name"] is not None and not _noted(call["name"]))
        if changed and not call.check:
            _apply(wanted, now)
        out: Dict[str, Any] = {"changed": changed}
        if call.diff:
            out["diff"] = {"before": before, "after": wanted}
        return out


def _known(zone: str) -> None:
    path = os.path.normpath(os.path.join(ZONES, zone))
    if not path.startswith(ZONES + "/") or not os.path.isfile(path):
        hint = "" if os.path.isdir(ZONES) else "; the host has no zones at all: install the package tzdata"
        raise Failure(f'given timezone "{zone}" is not available{hint}')


def _zone() -> Optional[str]:
    """Return the zone in force: the one the link names, else the one that is noted."""
    real = os.path.realpath(LOCALTIME)
    if os.path.islink(LOCALTIME) and real.startswith(ZONES + "/"):
        link = os.path.normpath(os.path.join("/etc", os.readlink(LOCALTIME)))
        return (link if link.startswith(ZONES + "/") else real)[len(ZONES) + 1 :]
    return (Files().text(NAME) or "").strip() or None if os.path.exists(LOCALTIME) else None


def _noted(zone: str) -> bool:
    """Return whether Debian's own note of the zone, where there is one, says the same."""
    text = Files().text(NAME) if os.path.exists(NAME) else None
    return text is None or text.strip() == zone


def _clock() -> str:
    lines = (Files().text(ADJTIME) or "").splitlines()
    return "local" if len(lines) > 2 and lines[2].strip() == "LOCAL" else "UTC"


def _apply(wanted: Dict[str, Any], now: Dict[str, Any]) -> None:
    systemd = service_manager(Files()) == "systemd" and found("timedatectl") is not None
    if "name" in wanted:
        if systemd:
            must(["timedatectl", "set-timezone", wanted["name"]], "timedatectl failed")
        else:
            _link(wanted["name"])
        if os.path.exists(NAME) or os.path.exists("/etc/debian_version"):
            Replacement().put(Call({}), NAME, f"{wanted['name']}\n".encode())
    if wanted.get("hwclock", now["hwclock"]) != now["hwclock"]:
        local = wanted["hwclock"] == "local"
        if systemd:
            must(["timedatectl", "set-local-rtc", "yes" if local else "no"], "timedatectl failed")
        else:
            _note_clock("LOCAL" if local else "UTC")


def _link(zone: str) -> None:
    """Point /etc/localtime at the zone, never leaving a moment without one."""
    temporary = f"{LOCALTIME}.{os.getpid()}.o8"
    os.symlink(os.path.join(ZONES, zone), temporary)
    os.rename(temporary, LOCALTIME)


def _note_clock(word: str) -> None:
    lines = (Files().text(ADJTIME) or "0.0 0 0.0\n0\nUTC\n").splitlines()
    lines[2:3] = [word]
    Replacement().put(Call({}), ADJTIME, ("\n".join(lines) + "\n").encode())


MODULE = Timezone
