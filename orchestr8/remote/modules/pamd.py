"""pamd: changes the rules of a PAM service."""

import os
import re
from typing import Any, Callable, Dict, List, NamedTuple, Optional

from orchestr8.remote.module import Arg, Call, Failure, Module
from orchestr8.remote.text_file import TextFile

_KINDS = ["account", "-account", "auth", "-auth", "password", "-password", "session", "-session"]
_RULE = re.compile(
    r"^(?P<kind>-?\w+)\s+(?P<control>\[[^\]]*\]|\S+)\s+(?P<module>\S+)(?:\s+(?P<words>.*?))?\s*$"
)
_WORD = re.compile(r"\[[^\]]*\]|\S+")

Rule = NamedTuple("Rule", [("kind", str), ("control", str), ("module", str), ("words", List[str])])
Edit = Callable[[Call, List[str], int], List[str]]


class Pamd(Module):
    """Changes, adds and removes rules of a PAM service."""

    name = "pamd"
    args = {
        "name": Arg("str", "The service, such as system-auth.", required=True),
        "type": Arg("str", "Type of the rule.", required=True, choices=_KINDS),
        "control": Arg("str", "Control of the rule.", required=True),
        "module_path": Arg("str", "PAM module of the rule.", required=True),
        "new_type": Arg("str", "Type it gets, or of the new rule.", choices=_KINDS),
        "new_control": Arg("str", "Control it gets, or of the new rule."),
        "new_module_path": Arg("str", "PAM module it gets, or of the new rule."),
        "module_arguments": Arg("list", "Arguments of the PAM module.", elements="str"),
        "state": Arg(
            "str",
            "updated changes the rule; before and after put a new one beside it; the rest removes or adds.",
            default="updated",
            choices=["absent", "before", "after", "args_absent", "args_present", "updated"],
        ),
        "path": Arg("path", "Folder of the services.", default="/etc/pam.d"),
        "backup": Arg("bool", "Keep a dated copy of the file before a change.", default=False),
    }
    required_if = (
        ("state", "args_present", ("module_arguments",)),
        ("state", "args_absent", ("module_arguments",)),
        ("state", "before", ("new_control", "new_type", "new_module_path")),
        ("state", "after", ("new_control", "new_type", "new_module_path")),
    )

    def run(self, call: Call) -> Dict[str, Any]:
        """Apply the change to every rule that fits."""
        path = os.path.join(call["path"], call["name"])
        if not os.path.isfile(path):
            raise Failure(f"Unable to open/read PAM module file {path}: there is no such file")
        file = TextFile(os.path.realpath(path))
        lines, count = list(file.lines), 0
        for at in range(len(lines) - 1, -1, -1):
            if _fits(call, rule(lines[at])):
                then = _EDITS[call["state"]](call, lines, at)
                count += then != lines
                lines = then
        out: Dict[str, Any] = {"changed": False, "change_count": count, "backupdest": ""}
        file.settle(call, lines, out, backup=call["backup"])
        out["backupdest"] = out.pop("backup_file", "")
        return out


def rule(line: str) -> Optional[Rule]:
    """Return the parts of a rule, None for a comment, an include or an empty line."""
    found = None if line.lstrip().startswith(("#", "@")) else _RULE.match(line.strip())
    if found is None:
        return None
    words = _WORD.findall(found.group("words") or "")
    return Rule(found.group("kind"), found.group("control"), found.group("module"), words)


def rendered(parts: Rule) -> str:
    """Return a rule as it stands in a file."""
    return "\t".join([parts.kind, parts.control, " ".join([parts.module, *parts.words])])


def _fits(call: Call, parts: Optional[Rule]) -> bool:
    return parts is not None and parts[:3] == (call["type"], call["control"], call["module_path"])


def _written(lines: List[str], at: int, new: Rule) -> List[str]:
    return lines if rule(lines[at]) == new else [*lines[:at], rendered(new), *lines[at + 1 :]]


def _new(call: Call, now: Rule) -> Rule:
    return Rule(
        call["new_type"] or now.kind,
        call["new_control"] or now.control,
        call["new_module_path"] or now.module,
        now.words if call["module_arguments"] is None else _given(call),
    )


def _given(call: Call) -> List[str]:
    return _WORD.findall(" ".join(call["module_arguments"] or []))


def _now(lines: List[str], at: int) -> Rule:
    found = rule(lines[at])
    return found if found is not None else Rule("", "", "", [])


def _updated(call: Call, lines: List[str], at: int) -> List[str]:
    return _written(lines, at, _new(call, _now(lines, at)))


def _absent(call: Call, lines: List[str], at: int) -> List[str]:
    del call
    return [*lines[:at], *lines[at + 1 :]]


def _args_present(call: Call, lines: List[str], at: int) -> List[str]:
    now = _now(lines, at)
    given = {_key(word): word for word in _given(call)}
    words = [given.pop(_key(word), word) for word in now.words]
    return _written(lines, at, now._replace(words=[*words, *given.values()]))


def _args_absent(call: Call, lines: List[str], at: int) -> List[str]:
    now, gone = _now(lines, at), _given(call)
    kept = [word for word in now.words if word not in gone and _key(word) not in gone]
    return _written(lines, at, now._replace(words=kept))


def _key(word: str) -> str:
    return word if word.startswith("[") else word.partition("=")[0]


def _before(call: Call, lines: List[str], at: int) -> List[str]:
    return _inserted(call, lines, at, _neighbour(lines, at, -1))


def _after(call: Call, lines: List[str], at: int) -> List[str]:
    return _inserted(call, lines, at + 1, _neighbour(lines, at, 1))


def _neighbour(lines: List[str], at: int, step: int) -> int:
    """Return the next rule's place in one direction, -1 when there is none."""
    at += step
    while 0 <= at < len(lines):
        if rule(lines[at]) is not None:
            return at
        at += step
    return -1


def _inserted(call: Call, lines: List[str], place: int, beside: int) -> List[str]:
    """Return the lines with the new rule; a neighbour that is it but for its words is changed."""
    new = _new(call, Rule("", "", "", []))
    if beside >= 0 and _now(lines, beside)[:3] == new[:3]:
        return lines if call["module_arguments"] is None else _written(lines, beside, new)
    return [*lines[:place], rendered(new), *lines[place:]]


_EDITS: Dict[str, Edit] = {
    "absent": _absent,
    "before": _before,
    "after": _after,
    "args_absent": _args_absent,
    "args_present": _args_present,
    "updated": _updated,
}
MODULE = Pamd
