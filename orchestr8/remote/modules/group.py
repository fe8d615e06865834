"""group: manages groups."""

from typing import Any, Dict, List

from orchestr8.remote.accounts import execute, group_id
from orchestr8.remote.module import Arg, Call, Failure, Module


class Group(Module):
    """Creates, changes and removes groups."""

    name = "group"
    args = {
        "name": Arg("str", "The group.", required=True),
        "gid": Arg("int", "Its number."),
        "state": Arg("str", "Whether it exists.", default="present", choices=["absent", "present"]),
        "force": Arg("bool", "Remove it even when it is some user's primary group.", default=False),
        "system": Arg("bool", "Take a number of the system's range for a new one.", default=False),
        "local": Arg(
            "bool", "Look only into the host's own file, not into other name services.", default=False
        ),
        "non_unique": Arg("bool", "Allow a number that another group has.", default=False),
        "gid_min": Arg("int", "Smallest number for a new group."),
        "gid_max": Arg("int", "Largest number for a new group."),
    }

    required_if = (("non_unique", True, ("gid",)),)

    def run(self, call: Call) -> Dict[str, Any]:
        """Bring the group into the wanted state."""
        name = call["name"]
        for key in ("gid_min", "gid_max"):
            if call["local"] and call[key] is not None:
                raise Failure("'%s' can not be used with 'local'" % key)
        now = _number(call)
        out: Dict[str, Any] = {"changed": False, "name": name, "state": call["state"]}
        argv = _removal(call, now) if call["state"] == "absent" else _presence(call, now)
        if argv:
            out["changed"] = True
            if not call.check:
                execute(argv, call, out)
        if call["state"] == "present":
            found = _number(call)
            out.update(system=call["system"], gid=found if found is not None else call["gid"])
        return out


def _number(call: Call) -> Any:
    name = call["name"]
    return None if name.isdigit() else group_id(name, local=call["local"])


def _removal(call: Call, now: Any) -> List[str]:
    if now is None:
        return []
    return ["groupdel", *(["-f"] if call["force"] else []), call["name"]]


def _presence(call: Call, now: Any) -> List[str]:
    words: List[str] = []
    if call["gid"] is not None:
        words += ["-g", str(call["gid"])] + (["-o"] if call["non_unique"] else [])
    if now is not None:
        return ["groupmod", *words, call["name"]] if call["gid"] not in (None, now) else []
    for key, setting in (("gid_min", "GID_MIN"), ("gid_max", "GID_MAX")):
        if call[key] is not None:
            words += ["-K", f"{setting}={call[key]}"]
    return ["groupadd", *(["-r"] if call["system"] else []), *words, call["name"]]


MODULE = Group
