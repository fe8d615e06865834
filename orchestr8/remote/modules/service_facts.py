"""service_facts: lists the services and their state as a fact."""

import os
import re
from typing import Any, Dict, List

from orchestr8.remote.facts.platform import service_manager
from orchestr8.remote.facts.reading import Files
from orchestr8.remote.init_scripts import InitScript
from orchestr8.remote.module import Call, Failure, Module
from orchestr8.remote.process import run, text
from orchestr8.remote.programs import found as found_program
from orchestr8.remote.systemd_units import Systemctl

Services = Dict[str, Dict[str, str]]


class ServiceFacts(Module):
    """Returns the host's services, whether they run and are started at boot, as facts."""

    name = "service_facts"

    def run(self, call: Call) -> Dict[str, Any]:
        """Read; never changes anything."""
        del call
        manager = service_manager(Files())
        if manager == "systemd":
            found = {**_scripts(), **_systemd(Systemctl())}
        elif manager == "openrc":
            found = _openrc()
        else:
            found = _scripts()
        return {"changed": False, "ansible_facts": {"services": found}}


def _systemd(control: Systemctl) -> Services:
    found: Services = {}
    listed = control.run("list-units", "--no-pager", "--plain", "--no-legend", "--all", "--type", "service")
    if listed.rc:
        raise Failure(f"systemctl failed: {text(listed.stderr).strip()}", rc=listed.rc)
    for line in text(listed.stdout).splitlines():
        words = line.split()
        if len(words) < 4:
            continue
        unit, load, active, sub = words[:4]
        state = "running" if sub == "running" else "stopped"
        status = load if load in ("not-found", "masked") else active
        found[unit] = {"name": unit, "state": state, "status": status, "source": "systemd"}
    files = control.run("list-unit-files", "--no-pager", "--no-legend", "--type", "service")
    aliases: List[str] = []
    for line in text(files.stdout).splitlines():
        words = line.split()
        if len(words) > 1:
            state = "unknown" if words[0].endswith("@.service") else "inactive"
            entry = found.setdefault(words[0], {"name": words[0], "state": state, "source": "systemd"})
            if entry.get("status") != "failed":
                entry["status"] = words[1]
            if words[1] == "alias" and state == "inactive":
                aliases.append(words[0])
    _look_behind(aliases, control, found)
    return found


def _look_behind(aliases: List[str], control: Systemctl, found: Services) -> None:
    """Note how units do of which only other names are listed."""
    shown = text(control.run("show", "--property=ActiveState", "--", *aliases).stdout) if aliases else ""
    states = [line.partition("=")[2] for line in shown.splitlines() if line]
    for alias, state in zip(aliases, states):  # noqa: B905
        found[alias]["state"] = state


def _scripts() -> Services:
    if not found_program("service"):
        return {}
    done = run(["service", "--status-all"], parse=True)
    found: Services = {}
    for line in (text(done.stdout) + text(done.stderr)).splitlines():
        match = re.match(r"\s*\[ ([+?-]) \]\s+(\S+)", line)
        if match:
            state = {"+": "running", "-": "stopped"}.get(match.group(1), "unknown")
            found[match.group(2)] = {"name": match.group(2), "state": state, "source": "sysv"}
    return found


def _openrc() -> Services:
    found: Services = {}
    for name in sorted(os.listdir("/etc/init.d")):
        script = InitScript(name)
        if script.exists():
            state = "running" if os.path.lexists(os.path.join("/run/openrc/started", name)) else "stopped"
            found[name] = {"name": name, "state": state, "source": "openrc"}
            found[name]["status"] = "enabled" if script.enabled("default") else "disabled"
    return found


MODULE = ServiceFacts
