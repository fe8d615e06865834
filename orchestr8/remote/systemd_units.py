"""Asks and tells systemd about units, by systemctl."""

import errno
import os
from typing import Dict, List, Optional

from orchestr8.remote.module import Call, Failure
from orchestr8.remote.process import Finished, run, text

_IGNORED = ("Running in chroot, ignoring", "ignoring request", "ignoring command")
# States in which a unit is not started at boot, or only until then, though systemctl answers 0;
# unless links are listed below the state, which start it.
_PASSING = ("enabled-runtime", "indirect", "alias")


class Systemctl:
    """systemctl for one scope."""

    def __init__(
        self, scope: str = "system", flags: Optional[List[str]] = None, timeout: Optional[float] = None
    ) -> None:
        self._argv = ["systemctl"] + ([] if scope == "system" else ["--" + scope]) + (flags or [])
        self._timeout = timeout

    def run(self, *words: str) -> Finished:
        """Run systemctl with these words."""
        folder = os.environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.geteuid()}"
        environ = {"XDG_RUNTIME_DIR": folder, "SYSTEMD_PAGER": "", "SYSTEMD_COLORS": "0"}
        try:
            return run([*self._argv, *words], environ=environ, parse=True, timeout=self._timeout)
        except Failure as error:
            if error.result.get("rc") != errno.ENOENT:
                raise
            message = "this host has no systemctl: systemd does not run it; the module service suits all"
            raise Failure(message) from None

    def show(self, unit: str) -> Dict[str, str]:
        """Return the unit's properties, none where systemd does not run."""
        done = self.run("show", "--", unit)
        out = text(done.stdout)
        if done.rc or any(word in out + text(done.stderr) for word in _IGNORED):
            return {}
        return properties(out)

    def install_state(self, unit: str) -> Finished:
        """Ask whether the unit is started at boot, and by which links."""
        return self.run("is-enabled", "-l", "--", unit)

    def tell(self, action: str, unit: str) -> None:
        """Do something with the unit; Failure when it does not succeed."""
        done = self.run(action, "--", unit)
        if done.rc:
            reason = (text(done.stderr) or text(done.stdout)).strip()
            detail = {"rc": done.rc, "stdout": text(done.stdout), "stderr": text(done.stderr)}
            raise Failure(f"Unable to {action} service {unit}: {reason}", **detail)


def properties(shown: str) -> Dict[str, str]:
    """Return the properties in the output of `systemctl show`; a value in braces may take several lines."""
    found: Dict[str, str] = {}
    key = ""
    for line in shown.splitlines():
        if key:
            found[key] += "\n" + line
            key = "" if line.rstrip().endswith("}") else key
            continue
        name, sign, value = line.partition("=")
        if not sign:
            continue
        found[name] = value.strip() if not value.startswith("{") else value
        if name.startswith("Exec") and value.lstrip().startswith("{") and not value.rstrip().endswith("}"):
            key = name
    return found


def is_enabled(done: Finished) -> bool:
    """Tell from systemctl's answer whether the unit is started at boot."""
    return done.rc == 0 and text(done.stdout).strip() not in _PASSING


def install_word(done: Finished) -> str:
    """Return the state in systemctl's answer: enabled, disabled, masked, …; empty for an unknown unit."""
    return text(done.stdout).strip().partition("\n")[0].strip()


def is_running(status: Dict[str, str]) -> bool:
    """Tell whether the unit runs or is about to."""
    return status.get("ActiveState") in ("active", "activating", "reloading")


def is_known(status: Dict[str, str]) -> bool:
    """Tell whether systemd knows the unit."""
    return status.get("LoadState", "not-found") != "not-found"


def offline() -> bool:
    """Tell whether systemd cannot be asked here because this is a chroot or is meant to be one."""
    from orchestr8.remote.facts.security import chroot_facts

    return os.environ.get("SYSTEMD_OFFLINE") == "1" or bool(chroot_facts()["is_chroot"])


def scope_of(call: Call) -> Systemctl:
    """Return systemctl as this task's arguments want it."""
    flags = [flag for flag, key in (("--no-block", "no_block"), ("--force", "force")) if call[key]]
    return Systemctl(call["scope"], flags, call.timeout)
