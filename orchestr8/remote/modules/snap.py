"""snap: manages snaps."""

import re
from typing import Any, Dict, List

from orchestr8.remote.module import Arg, Call, Failure, Module
from orchestr8.remote.process import run, text
from orchestr8.remote.programs import must, required


class Snap(Module):
    """Installs, removes, enables and disables snaps, and sets their options."""

    name = "snap"
    args = {
        "name": Arg("list", "The snaps.", required=True, elements="str"),
        "state": Arg(
            "str", "What they are.", default="present", choices=["absent", "present", "enabled", "disabled"]
        ),
        "classic": Arg("bool", "Install without confinement.", default=False),
        "channel": Arg("str", "Which release of the snap."),
        "options": Arg("list", "key=value, or snap:key=value.", elements="str"),
        "dangerous": Arg("bool", "Install without signatures.", default=False),
        "devmode": Arg("bool", "Install in developer mode.", default=False),
        "revision": Arg("int", "Which revision of the snap."),
    }
    exclusive = (("channel", "revision"),)

    def run(self, call: Call) -> Dict[str, Any]:
        """Compare and act."""
        program = required("snap", "snapd")
        out: Dict[str, Any] = {"changed": False, "classic": call["classic"], "channel": call["channel"]}
        if len(call["name"]) > 1 and (call["channel"] or call["revision"] is not None):
            raise Failure("channel and revision are for a single snap")
        rows = _rows(program)
        steps = [step for name in call["name"] for step in _steps(call, name, rows)]
        for step in steps if not call.check else []:
            must([program, *step], f"snap {step[0]} failed", timeout=call.timeout)
        out["snaps_installed"] = [step[1] for step in steps if step[0] == "install"]
        out["snaps_removed"] = [step[1] for step in steps if step[0] == "remove"]
        out["options_changed"] = _options(program, call) if call["options"] else []
        out.update(
            changed=bool(steps or out["options_changed"]), cmd="; ".join(" ".join(step) for step in steps)
        )
        return out


def _rows(program: str) -> Dict[str, List[str]]:
    shown = text(run([program, "list"], parse=True).stdout).splitlines()[1:]
    rows = [re.split(r"\s+", line.strip()) for line in shown]
    return {row[0]: row for row in rows if len(row) >= 5}


def _steps(call: Call, name: str, rows: Dict[str, List[str]]) -> List[List[str]]:
    row, state = rows.get(name), call["state"]
    if state == "absent":
        return [["remove", name]] if row else []
    steps: List[List[str]] = []
    where = ["--channel", call["channel"]] if call["channel"] else []
    where += ["--revision", str(call["revision"])] if call["revision"] is not None else []
    if row is None:
        flags = [f"--{flag}" for flag in ("classic", "dangerous", "devmode") if call[flag]]
        steps.append(["install", name, *flags, *where])
    elif where and not _tracks(call, row):
        steps.append(["refresh", name, *where])
    off = row is not None and "disabled" in row[-1]
    if state == "disabled" and not off:
        steps.append(["disable", name])
    if state == "enabled" and off:
        steps.append(["enable", name])
    return steps


def _tracks(call: Call, row: List[str]) -> bool:
    if call["revision"] is not None:
        return row[2] == str(call["revision"])
    wanted = call["channel"] if "/" in call["channel"] else f"latest/{call['channel']}"
    return row[3].rstrip("…") in wanted or row[3] == wanted


def _options(program: str, call: Call) -> List[str]:
    changed = []
    for option in call["options"]:
        match = re.match(r"^(?:(?P<snap>[\w-]+):)?(?P<key>[\w.-]+)=(?P<value>.*)$", option, re.S)
        if match is None:
            raise Failure(f"Cannot parse option: {option}; it has the form key=value or snap:key=value")
        for name in [match.group("snap")] if match.group("snap") else call["name"]:
            now = text(run([program, "get", name, match.group("key")], parse=True).stdout).rstrip("\n")
            if now == match.group("value"):
                continue
            changed.append(f"{name}:{match.group('key')}={match.group('value')}")
            if not call.check:
                must(
                    [program, "set", name, f"{match.group('key')}={match.group('value')}"], "snap set failed"
                )
    return changed


MODULE = Snap
