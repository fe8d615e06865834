"""alternatives: chooses which program a generic name means."""

import os
from typing import Any, Dict, List, Optional, Sequence

from orchestr8.remote.module import Arg, Call, Failure, Module
from orchestr8.remote.process import run, text
from orchestr8.remote.programs import found, must

_SUBCOMMAND = {
    "name": Arg("str", "Its generic name.", required=True),
    "path": Arg("path", "The program.", required=True),
    "link": Arg("path", "The link to it.", required=True),
}


class Alternatives(Module):
    """Adds, removes and selects alternatives of a generic name."""

    name = "alternatives"
    args = {
        "name": Arg("str", "The generic name.", required=True),
        "path": Arg("path", "The program."),
        "family": Arg("str", "Family of the alternative; for Red Hat's kin."),
        "link": Arg("path", "The link that is to point to the program."),
        "priority": Arg("int", "Its priority; 50 for a new one."),
        "state": Arg(
            "str",
            "present: known; selected: the one in use; auto: the best one is in use.",
            default="selected",
            choices=["present", "selected", "auto", "absent"],
        ),
        "subcommands": Arg(
            "list", "Links that go along.", elements="dict", options=_SUBCOMMAND, aliases=["slaves"]
        ),
    }
    one_of = (("path", "family"),)

    def run(self, call: Call) -> Dict[str, Any]:
        """Compare and act."""
        group = _Group(call)
        steps = group.steps(call)
        for step in steps if not call.check else []:
            must([group.program, *step], f"{os.path.basename(group.program)} failed")
        out: Dict[str, Any] = {"changed": bool(steps), "msg": " ".join(_told(step) for step in steps)}
        if steps and call.diff:
            state = {"path": call["path"], "state": call["state"]}
            before = {"path": group.value, "state": group.status} if group.known else {"state": "absent"}
            out["diff"] = {"before": before, "after": state}
        return out


def _told(step: Sequence[str]) -> str:
    """Return what a step of update-alternatives does, in a sentence."""
    option, *words = step
    if option == "--install":
        return f"Install alternative '{words[2]}' for '{words[1]}'."
    if option == "--auto":
        return f"Set alternative to auto for '{words[0]}'."
    verb = "Remove alternative '%s' from '%s'." if option == "--remove" else "Set alternative '%s' for '%s'."
    return verb % (words[1], words[0])


class _Group:
    """The alternatives of one name as the host knows them."""

    def __init__(self, call: Call) -> None:
        program = found("update-alternatives") or found("alternatives")
        if program is None:
            raise Failure('Failed to find required executable "update-alternatives"')
        self.program = program
        self.link: Optional[str] = None
        self.value = self.status = ""
        self.known: Dict[str, Dict[str, Any]] = {}
        self._read(text(run([program, "--query", call["name"]], parse=True).stdout))

    def _read(self, shown: str) -> None:
        entry: Dict[str, Any] = {"links": {}}
        section = entry["links"]
        for line in shown.splitlines():
            key, _, value = line.partition(":")
            value = value.strip()
            if line.startswith(" "):
                name, _, path = line.strip().partition(" ")
                section[name] = path
            elif key == "Alternative":
                entry = self.known.setdefault(value, {"links": {}})
                section = entry["links"]
            elif key in ("Link", "Value", "Status"):
                setattr(self, key.lower(), value)
            elif key == "Priority":
                entry["priority"] = int(value)

    def steps(self, call: Call) -> List[List[str]]:
        """Return what to say to the program."""
        name, path, state = call["name"], call["path"] or call["family"], call["state"]
        if state == "absent":
            return [["--remove", name, path]] if path in self.known else []
        steps = [] if self._is_as_wanted(call, path) else [self._install(call, path)]
        if state == "selected" and self.value != path:
            steps.append(["--set", name, path])
        if state == "auto" and self.status != "auto":
            steps.append(["--auto", name])
        return steps

    def _is_as_wanted(self, call: Call, path: str) -> bool:
        entry = self.known.get(path)
        if entry is None:
            return False
        if call["priority"] is not None and entry.get("priority") != call["priority"]:
            return False
        if call["subcommands"] is None:
            return True
        return bool(entry["links"] == {sub["name"]: sub["path"] for sub in call["subcommands"]})

    def _install(self, call: Call, path: str) -> List[str]:
        if not os.path.exists(path):
            raise Failure(f"Specified path {path} does not exist")
        link = call["link"] or self.link
        if not link:
            raise Failure("Needed to install the alternative, but unable to do so as we are missing the link")
        entry = self.known.get(path, {})
        priority = call["priority"] if call["priority"] is not None else entry.get("priority", 50)
        words = ["--install", link, call["name"], path, str(priority)]
        for sub in call["subcommands"] or []:
            words += ["--slave", sub["link"], sub["name"], sub["path"]]
        return words


MODULE = Alternatives
