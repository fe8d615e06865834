"""The kernel, the machine's names, its init system and how it was booted."""

import os
import re
import shlex
import sys
from typing import Any, Dict, List

from orchestr8.remote.facts.reading import Files


def platform_facts(files: Files, patience: float = 5.0) -> Dict[str, Any]:
    """Return the kernel, the architecture and the names of the host."""
    kernel = os.uname()
    fqdn = _fqdn(kernel.nodename, patience)
    bits = "64" if sys.maxsize > 2**32 else "32"
    narrow = {"x86_64": "i386", "aarch64": "armv7l"}
    facts = {
        "system": kernel.sysname,
        "kernel": kernel.release,
        "kernel_version": kernel.version,
        "machine": kernel.machine,
        "architecture": "i386" if re.match(r"i[3456]86$", kernel.machine) else kernel.machine,
        "userspace_bits": bits,
        "userspace_architecture": kernel.machine
        if bits == "64"
        else narrow.get(kernel.machine, kernel.machine),
        "nodename": kernel.nodename,
        "hostname": kernel.nodename.split(".")[0],
        "fqdn": fqdn,
        "domain": fqdn.partition(".")[2],
    }
    machine_id = files.text("/var/lib/dbus/machine-id") or files.text("/etc/machine-id")
    if machine_id:
        facts["machine_id"] = machine_id.splitlines()[0]
    return facts


def _fqdn(name: str, patience: float) -> str:
    """Return the full name; a resolver that does not answer in time must not hold up the run."""
    import socket
    import threading

    answers: List[str] = []
    thread = threading.Thread(target=lambda: answers.append(socket.getfqdn()), daemon=True)
    thread.start()
    thread.join(patience)
    return answers[0] if answers else name


def python_facts() -> Dict[str, Any]:
    """Return the interpreter that serves this host."""
    import importlib.util

    version = sys.version_info
    return {
        "python": {
            "version": {
                "major": version.major,
                "minor": version.minor,
                "micro": version.micro,
                "releaselevel": version.releaselevel,
                "serial": version.serial,
            },
            "version_info": list(version),
            "executable": sys.executable,
            "has_sslcontext": importlib.util.find_spec("_ssl") is not None,
            "type": sys.implementation.name,
        },
        "python_version": f"{version.major}.{version.minor}.{version.micro}",
    }


def cmdline_facts(files: Files) -> Dict[str, Any]:
    """Return the kernel's command line: its last, and with repeated keys its collected, values."""
    text = files.text("/proc/cmdline")
    if not text:
        return {}
    last: Dict[str, Any] = {}
    collected: Dict[str, Any] = {}
    for word in _words(text):
        key, found, rest = word.partition("=")
        value: Any = rest if found else True
        last[key] = value
        if key not in collected:
            collected[key] = value
        elif isinstance(collected[key], list):
            collected[key].append(value)
        else:
            collected[key] = [collected[key], value]
    return {"cmdline": last, "proc_cmdline": collected}


def _words(text: str) -> List[str]:
    try:
        return shlex.split(text, posix=False)
    except ValueError:
        return text.split()


def service_facts(files: Files) -> Dict[str, Any]:
    """Return the name of the service manager."""
    return {"service_mgr": service_manager(files)}


def service_manager(files: Files) -> str:
    """Name the init system: by what process 1 is, else by what is installed."""
    known = {"procd": "openwrt_init", "runit-init": "runit", "svscan": "svc", "openrc-init": "openrc"}
    first = os.path.basename(files.text("/proc/1/comm") or files.link("/sbin/init") or "")
    if first and first != "init" and not first.endswith("sh"):
        return known.get(first, first)
    has_systemctl = files.program("systemctl") is not None
    if has_systemctl and files.exists("/run/systemd/system"):
        return "systemd"
    if files.program("initctl") and files.exists("/etc/init"):
        return "upstart"
    if files.exists("/sbin/openrc"):
        return "openrc"
    if has_systemctl and os.path.basename(files.link("/sbin/init") or "") == "systemd":
        return "systemd"
    return "sysvinit" if files.exists("/etc/init.d") else "service"


def systemd_facts(files: Files) -> Dict[str, Any]:
    """Return the version of systemd, where it runs the host."""
    if service_manager(files) != "systemd":
        return {}
    from orchestr8.remote.process import run, text

    done = run(["systemctl", "--version"])
    found = re.match(r"systemd (\d+)[^\n]*\n(.*)", text(done.stdout), re.DOTALL)
    if done.rc or not found:
        return {}
    return {"systemd": {"version": int(found.group(1)), "features": found.group(2).strip()}}
