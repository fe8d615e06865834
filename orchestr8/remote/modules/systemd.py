"""systemd: manages units."""

from typing import Any, Dict, Optional

from orchestr8.remote import systemd_units as units
from orchestr8.remote.init_scripts import InitScript
from orchestr8.remote.module import Arg, Call, Failure, Module
from orchestr8.remote.process import text


class Systemd(Module):
    """Starts, stops, enables and masks systemd units."""

    name = "systemd"
    args = {
        "name": Arg("str", "The unit; `.service` may be left out.", aliases=["service", "unit"]),
        "state": Arg(
            "str",
            "started and stopped act only when needed; restarted and reloaded always act.",
            choices=["reloaded", "restarted", "started", "stopped"],
        ),
        "enabled": Arg("bool", "Whether the unit is started at boot."),
        "force": Arg("bool", "Replace conflicting links when enabling or masking."),
        "masked": Arg("bool", "Whether the unit is masked: it cannot be started at all."),
        "daemon_reload": Arg(
            "bool", "Have systemd read all unit files again first.", default=False, aliases=["daemon-reload"]
        ),
        "daemon_reexec": Arg(
            "bool", "Have systemd start itself anew first.", default=False, aliases=["daemon-reexec"]
        ),
        "scope": Arg(
            "str",
            "Which systemd: the host's, or the user's own.",
            default="system",
            choices=["system", "user", "global"],
        ),
        "no_block": Arg("bool", "Do not wait until the action is over.", default=False),
    }
    required_by = {"state": ("name",), "enabled": ("name",), "masked": ("name",)}

    def run(self, call: Call) -> Dict[str, Any]:
        """Reload systemd if asked, then bring the unit into the wanted state."""
        unit = call["name"]
        for sign in "*?[":
            if unit and sign in unit:
                message = "This module does not currently support using glob patterns, found"
                raise Failure(f"{message} '{sign}' in service name: {unit}")
        control = units.scope_of(call)
        for argument, action in (("daemon_reload", "daemon-reload"), ("daemon_reexec", "daemon-reexec")):
            if call[argument] and not call.check:
                _manager(control, action, call)
        if not unit:
            return {"changed": False, "name": None, "status": {}}
        return _Unit(call, control, unit).result()


def _manager(control: units.Systemctl, action: str, call: Call) -> None:
    done = control.run(action)
    if not done.rc:
        return
    reason = text(done.stderr).strip()
    if not units.offline():
        raise Failure(f"failure {done.rc} during {action}: {reason}", rc=done.rc)
    call.warnings.append(f"{action} failed, but the target is a chroot or systemd is offline: {reason}")


class _Unit:
    """One unit on its way into the wanted state."""

    def __init__(self, call: Call, control: units.Systemctl, unit: str) -> None:
        self.call = call
        self.control = control
        self.unit = unit
        self.status = control.show(unit)
        self.script = InitScript(unit)
        self.out: Dict[str, Any] = {"changed": False, "name": unit, "status": self.status}
        self._installed: Optional[Any] = None

    def result(self) -> Dict[str, Any]:
        """Mask, enable and start, in this order."""
        if self.status.get("LoadError") and self.status.get("LoadState") not in ("masked", "not-found"):
            raise Failure(f"Error loading unit file '{self.unit}': {self.status['LoadError']}")
        if self.call["masked"] is not None:
            self._mask()
        if self.call["enabled"] is not None:
            self._enable()
        if self.call["state"] is not None:
            self._change_state()
        return self.out

    def _installation(self) -> Any:
        if self._installed is None:
            self._installed = self.control.install_state(self.unit)
        return self._installed

    def _must_exist(self) -> None:
        found = units.is_known(self.status) or self.script.exists()
        if not found and not units.install_word(self._installation()):
            raise Failure(f"Could not find the requested service {self.unit}: host")

    def _do(self, action: str) -> None:
        self.out["changed"] = True
        if not self.call.check:
            self.control.tell(action, self.unit)

    def _mask(self) -> None:
        masked = units.install_word(self._installation()) == "masked"
        if masked != self.call["masked"]:
            self._do("unmask" if masked else "mask")
            self._installed = None

    def _enable(self) -> None:
        self._must_exist()
        done = self._installation()
        enabled = units.is_enabled(done)
        if done.rc and self.script.exists() and not units.install_word(done).endswith("disabled"):
            enabled = self.call["scope"] == "system" and self.script.enabled("default")
        if enabled != self.call["enabled"]:
            self._do("disable" if enabled else "enable")
        self.out["enabled"] = self.call["enabled"]

    def _change_state(self) -> None:
        self._must_exist()
        wanted = self.call["state"]
        self.out["state"] = "stopped" if wanted == "stopped" else "started"
        if "ActiveState" not in self.status:
            if not units.offline():
                raise Failure("Service is in unknown state", status=self.status)
            self.call.warnings.append(
                "the target is a chroot or systemd is offline: the state is left as it is"
            )
            return
        action = next_action(wanted, self.status)
        if action:
            self._do(action)


def next_action(wanted: str, status: Dict[str, str]) -> Optional[str]:
    """Return what to tell systemd to get to the wanted state, or None when it is reached."""
    running = units.is_running(status)
    if wanted == "started":
        return None if running else "start"
    if wanted == "stopped":
        return "stop" if running or status.get("ActiveState") == "deactivating" else None
    return wanted[: -len("ed")] if running else "start"


MODULE = Systemd
