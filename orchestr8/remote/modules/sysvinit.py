"""sysvinit: manages services by their init scripts, whatever runs the host."""

import time
from typing import Any, Dict

from orchestr8.remote.init_scripts import InitScript
from orchestr8.remote.module import Arg, Call, Failure, Module
from orchestr8.remote.process import Finished
from orchestr8.remote.programs import reason, said


class Sysvinit(Module):
    """Starts, stops and enables services by their init scripts."""

    name = "sysvinit"
    args = {
        "name": Arg("str", "The service.", required=True, aliases=["service"]),
        "state": Arg(
            "str",
            "started and stopped act only when needed; restarted and reloaded always act.",
            choices=["started", "stopped", "restarted", "reloaded"],
        ),
        "enabled": Arg("bool", "Whether the service is started at boot."),
        "sleep": Arg("int", "Seconds between stop and start of a restart.", default=1),
        "pattern": Arg("str", "Text in the command line of the service's process."),
        "runlevels": Arg("list", "Accepted; the script's own runlevels are used.", elements="str"),
        "arguments": Arg("str", "More words for the init script.", aliases=["args"]),
        "daemonize": Arg("bool", "Accepted; scripts never hold the connection up.", default=False),
    }
    one_of = (("state", "enabled"),)

    def run(self, call: Call) -> Dict[str, Any]:
        """Compare and act."""
        import shlex

        script = InitScript(call["name"], words=shlex.split(call["arguments"] or ""), timeout=call.timeout)
        if not script.exists():
            raise Failure(f"Could not find the requested service {call['name']}")
        out: Dict[str, Any] = {"name": call["name"], "changed": False, "status": {}}
        if call["enabled"] is not None:
            was = script.enabled("default")
            out["status"]["enabled"] = {"changed": was != call["enabled"], "rc": None, "stdout": None}
            if was != call["enabled"]:
                out["changed"] = True
                if not call.check:
                    (script.enable if call["enabled"] else script.disable)("default")
        if call["state"]:
            _state(call, script, out)
        return out


def _state(call: Call, script: InitScript, out: Dict[str, Any]) -> None:
    wanted, running = call["state"], script.running(call["pattern"])
    out["status"][wanted] = {"changed": False, "rc": None, "stdout": None, "stderr": None}
    if wanted == ("started" if running else "stopped"):
        return
    out["changed"] = True
    out["status"][wanted]["changed"] = True
    if not call.check:
        done = _act(script, wanted, call["sleep"], running=running)
        out["status"][wanted].update(said(done))
        if done.rc:
            raise Failure(f"Failed to {wanted[:-2]} service: {reason(done)}", **said(done))


def _act(script: InitScript, wanted: str, pause: int, *, running: bool) -> Finished:
    if wanted == "restarted":
        if running:
            script.tell("stop")
            time.sleep(pause)
        return script.tell("start")
    return script.tell({"started": "start", "stopped": "stop", "reloaded": "reload"}[wanted])


MODULE = Sysvinit
