"""hostname: names the host."""

import os
import socket
from typing import Any, Dict

from orchestr8.remote.facts.platform import service_manager
from orchestr8.remote.facts.reading import Files
from orchestr8.remote.files import Replacement
from orchestr8.remote.module import Arg, Call, Failure, Module
from orchestr8.remote.process import run, text

PATH = "/etc/hostname"
KINDS = "alpine debian freebsd generic macos macosx darwin openbsd openrc redhat sles solaris systemd"


class Hostname(Module):
    """Sets the host's name, now and for the next boot."""

    name = "hostname"
    args = {
        "name": Arg("str", "The name.", required=True),
        "use": Arg(
            "str", "systemd, or another to write the file and tell the kernel.", choices=KINDS.split()
        ),
    }

    def run(self, call: Call) -> Dict[str, Any]:
        """Compare the kernel's and the file's name with the wanted one, and set what differs."""
        name = call["name"]
        if not name or "/" in name or any(letter.isspace() for letter in name):
            raise Failure(f"invalid name for a host: {name!r}")
        now, permanent = os.uname().nodename, Files().text(PATH) or ""
        changed = name not in (now,) or permanent != name
        if changed and not call.check:
            _set(call, name, now, permanent)
        out: Dict[str, Any] = {"changed": changed, "name": name, "ansible_facts": _facts(name)}
        if changed:
            out["diff"] = {"before": f"hostname = {permanent or now}\n", "after": f"hostname = {name}\n"}
        return out


def _set(call: Call, name: str, now: str, permanent: str) -> None:
    if (call["use"] or service_manager(Files())) == "systemd":
        done = run(["hostnamectl", "set-hostname", "--", name], parse=True)
        if done.rc:
            raise Failure(f"hostnamectl failed: {text(done.stderr).strip()}", rc=done.rc)
        return
    if permanent != name:
        Replacement(unsafe=True).put(call, PATH, f"{name}\n".encode())
    if now != name:
        try:
            socket.sethostname(name)
        except OSError as error:
            raise Failure(f"the kernel refuses the name {name}: {error.strerror}") from None


def _facts(name: str) -> Dict[str, str]:
    full = socket.getfqdn(name)
    return {
        "ansible_hostname": name.split(".")[0],
        "ansible_nodename": name,
        "ansible_fqdn": full,
        "ansible_domain": full.partition(".")[2],
    }


MODULE = Hostname
