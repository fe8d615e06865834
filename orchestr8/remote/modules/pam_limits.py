"""pam_limits: sets limits of users in limits.conf."""

import os
from typing import Any, Dict, List, Optional

from orchestr8.remote.module import Arg, Call, Failure, Module
from orchestr8.remote.text_file import TextFile

_ITEMS = (
    "core data fsize memlock nofile rss stack cpu nproc as maxlogins maxsyslogins priority locks "
    "sigpending msgqueue nice rtprio chroot"
)
_ENDLESS = ("unlimited", "infinity", "-1")


class PamLimits(Module):
    """Sets one limit of a user or group."""

    name = "pam_limits"
    args = {
        "domain": Arg("str", "A user, @group, wildcard or range of numbers.", required=True),
        "limit_type": Arg("str", "Kind of the limit.", required=True, choices=["hard", "soft", "-"]),
        "limit_item": Arg("str", "What is limited.", required=True, choices=_ITEMS.split()),
        "value": Arg("str", "A number, or unlimited, infinity, -1.", required=True),
        "backup": Arg("bool", "Keep a dated copy of the file before a change.", default=False),
        "use_min": Arg("bool", "Keep a smaller value that is there.", default=False),
        "use_max": Arg("bool", "Keep a larger value that is there.", default=False),
        "dest": Arg("str", "The file.", default="/etc/security/limits.conf"),
        "comment": Arg("str", "Comment after the limit.", default=""),
    }

    def run(self, call: Call) -> Dict[str, Any]:
        """Compare the file's line with the wanted one."""
        if call["use_min"] and call["use_max"]:
            raise Failure("Cannot use use_min and use_max at the same time.")
        _checked(call)
        path = call["dest"]
        if not os.path.exists(path) and not os.path.isdir(os.path.dirname(path)):
            raise Failure(f"directory {os.path.dirname(path)} does not exist")
        file = TextFile(path, 0o644)
        lines = _edited(call, file.lines)
        out: Dict[str, Any] = {"changed": False, "msg": next(line for line in lines if _same(call, line))}
        file.settle(call, lines, out, backup=call["backup"])
        return out


def _checked(call: Call) -> None:
    value, item = call["value"], call["limit_item"]
    try:
        whole: Optional[int] = int(value)
    except ValueError:
        whole = None
    good = value in _ENDLESS or (whole is not None and (whole >= 0 or item in ("nice", "priority")))
    if not good:
        text = "Argument 'value' must be one of 'unlimited', 'infinity', '-1', or a number of 0 or larger"
        raise Failure(f"{text}; it is {value}")


def _fields(line: str) -> List[str]:
    return line.split("#", 1)[0].split()


def _same(call: Call, line: str) -> bool:
    return _fields(line)[:3] == [call["domain"], call["limit_type"], call["limit_item"]]


def _edited(call: Call, lines: List[str]) -> List[str]:
    found = [number for number, line in enumerate(lines) if _same(call, line) and len(_fields(line)) > 3]
    if not found:
        return [*lines, _line(call, call["value"])]
    now = lines[found[0]]
    comment = now.partition("#")[2].strip()
    value = _kept(call, _fields(now)[3])
    new = now
    if value != _fields(now)[3] or (call["comment"] and comment != call["comment"]):
        new = _line(call, value)
    return [
        new if number == found[0] else line
        for number, line in enumerate(lines)
        if number == found[0] or number not in found
    ]


def _kept(call: Call, now: str) -> str:
    """Return the wanted value, or the one there is where that is to be kept."""
    wanted = str(call["value"])
    if call["use_min"]:
        return min(now, wanted, key=_amount)
    return max(now, wanted, key=_amount) if call["use_max"] else wanted


def _amount(value: str) -> float:
    try:
        return float("inf") if value in _ENDLESS else float(value)
    except ValueError:
        return float("inf")


def _line(call: Call, value: str) -> str:
    comment = f"\t#{call['comment']}" if call["comment"] else ""
    return "\t".join([call["domain"], call["limit_type"], call["limit_item"], value]) + comment


MODULE = PamLimits
