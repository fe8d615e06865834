"""`ansible.module_utils.service`: services of init scripts."""

import glob
import os
from typing import Any, Tuple


def sysv_is_enabled(name: str, runlevel: Any = None) -> bool:
    """Return whether an init script is started in a runlevel."""
    return bool(glob.glob("/etc/rc%s.d/S??%s" % (runlevel or "?", name)))


def get_sysv_script(name: str) -> str:
    """Return the path of an init script."""
    return name if name.startswith("/") else "/etc/init.d/%s" % name


def sysv_exists(name: str) -> bool:
    """Return whether there is such a script."""
    return os.path.exists(get_sysv_script(name))


def get_ps(module: Any, pattern: str) -> bool:
    """Return whether the table of processes shows a text."""
    program = module.get_bin_path("ps", True)
    _, out, _ = module.run_command([program, "auxww"])
    return any(pattern in line for line in out.split("\n"))


def fail_if_missing(module: Any, found: bool, service: str, msg: str = "") -> None:
    """End the module in failure when a service was not found."""
    if not found:
        module.fail_json(msg="Could not find the requested service %s: %s" % (service, msg))


def daemonize(module: Any, cmd: Any) -> Tuple[int, str, str]:
    """Start a command that goes on by itself."""
    result: Tuple[int, str, str] = module.run_command(cmd)
    return result


def is_systemd_managed(module: Any) -> bool:
    """Return whether systemd runs the host."""
    return bool(module.get_bin_path("systemctl")) and os.path.isdir("/run/systemd/system")
