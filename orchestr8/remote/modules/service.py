"""service: manages services under whatever init system the host has."""

import shlex
from typing import Any, Dict

from orchestr8.remote.facts.platform import service_manager
from orchestr8.remote.facts.reading import Files
from orchestr8.remote.init_scripts import InitScript
from orchestr8.remote.module import Arg, Call, Failure, Module
from orchestr8.remote.modules.systemd import Systemd
from orchestr8.remote.process import Finished, text

_OF_SYSTEMD = ("masked", "daemon_reload", "daemon_reexec", "force", "scope", "no_block")


class Service(Module):
    """Starts, stops and enables services under systemd, OpenRC or init scripts."""

    name = "service"
    args = {
        "name": Arg("str", "The service.", required=True),
        "state": Arg(
            "str",
            "started and stopped act only when needed; restarted and reloaded always act.",
            choices=["reloaded", "restarted", "started", "stopped"],
        ),
        "enabled": Arg("bool", "Whether the service is started at boot."),
        "sleep": Arg("int", "Seconds between stop and start of a restart; not under systemd."),
        "pattern": Arg(
            "str", "Text in the command line of the service's process, for scripts without status."
        ),
        "runlevel": Arg("str", "Runlevel of OpenRC to enable the service in.", default="default"),
        "arguments": Arg(
            "str", "More words for the init script; not under systemd.", default="", aliases=["args"]
        ),
        "use": Arg("str", "auto, or the init system: systemd, service, sysvinit, openrc.", default="auto"),
        **{key: Systemd.args[key] for key in _OF_SYSTEMD},
    }

    def run(self, call: Call) -> Dict[str, Any]:
        """Hand over to systemd where it runs the host, to the init script elsewhere."""
        kind = call["use"] if call["use"] != "auto" else service_manager(Files())
        if kind.rpartition(".")[2] in ("systemd", "systemd_service"):
            return _by_systemd(call)
        return _by_script(call)


def _by_systemd(call: Call) -> Dict[str, Any]:
    module = Systemd()
    args = {key: arg.default for key, arg in module.args.items()}
    args.update({key: call[key] for key in ("name", "state", "enabled", *_OF_SYSTEMD)})
    inner = Call(
        args,
        check=call.check,
        diff=call.diff,
        environ=call.environ,
        timeout=call.timeout,
        progress=call.progress,
    )
    inner.warnings = call.warnings
    return module.run(inner)


def _by_script(call: Call) -> Dict[str, Any]:
    if call["state"] is None and call["enabled"] is None:
        raise Failure("one of the following is required: state, enabled")
    foreign = [key for key in _OF_SYSTEMD if call[key] not in (None, Systemd.args[key].default)]
    if foreign:
        words = ", ".join(foreign)
        raise Failure(f"Unsupported parameters for (service) module: {words}: systemd does not run this host")
    script = InitScript(call["name"], words=shlex.split(call["arguments"] or ""), timeout=call.timeout)
    if not script.exists():
        raise Failure(f"Could not find the requested service {call['name']}: host")
    out: Dict[str, Any] = {"changed": False, "name": call["name"]}
    if call["enabled"] is not None:
        out["enabled"] = call["enabled"]
        if script.enabled(call["runlevel"]) != call["enabled"]:
            out["changed"] = True
            if not call.check:
                (script.enable if call["enabled"] else script.disable)(call["runlevel"])
    if call["state"] is not None:
        out["state"] = "stopped" if call["state"] == "stopped" else "started"
        out["changed"] = _change_state(script, call) or out["changed"]
    return out


def _change_state(script: InitScript, call: Call) -> bool:
    """Bring the service into the wanted state; return whether that took an action."""
    wanted = call["state"]
    running = script.running(call["pattern"])
    if wanted == ("started" if running else "stopped"):
        return False
    if call.check:
        return True
    if wanted == "restarted" and running:
        action, done = "restart", script.restart(call["sleep"] or 0)
    else:
        action = {"stopped": "stop", "reloaded": "reload" if running else "start"}.get(wanted, "start")
        done = script.tell(action)
    _must(action, call["name"], done)
    return True


def _must(action: str, name: str, done: Finished) -> None:
    if done.rc:
        reason = (text(done.stderr) or text(done.stdout)).strip()
        detail = {"rc": done.rc, "stdout": text(done.stdout), "stderr": text(done.stderr)}
        raise Failure(f"Unable to {action} service {name}: {reason}", **detail)


MODULE = Service
