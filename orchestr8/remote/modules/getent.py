"""getent: reads the host's databases of users, groups, hosts and the like."""

from typing import Any, Dict, List

from orchestr8.remote.module import Arg, Call, Failure, Module
from orchestr8.remote.process import run, text

_REASONS = {
    1: "Missing arguments, or database unknown.",
    2: "One or more supplied key could not be found in the database.",
    3: "Enumeration not supported on this database.",
}


class Getent(Module):
    """Asks the host's name services and returns the answer as a fact."""

    name = "getent"
    args = {
        "database": Arg("str", "The database: passwd, group, hosts, services, ...", required=True),
        "key": Arg("str", "The entry to look up; all entries without it."),
        "service": Arg("str", "Ask only this source, such as files or ldap."),
        "split": Arg("str", "What separates the fields; a colon or white space by the database."),
        "fail_key": Arg("bool", "Whether an unknown key is a failure.", default=True),
    }

    def run(self, call: Call) -> Dict[str, Any]:
        """Look up; never changes anything."""
        database, key = call["database"], call["key"]
        fact = "getent_" + database
        done = run(_argv(call), parse=True, timeout=call.timeout)
        if done.rc == 0:
            return {"changed": False, "ansible_facts": {fact: _entries(text(done.stdout), _separator(call))}}
        if done.rc == 2 and not call["fail_key"]:
            reason = _REASONS[2]
            return {"changed": False, "msg": reason, "ansible_facts": {fact: {key: None}}}
        raise Failure(_REASONS.get(done.rc, "Unexpected failure!"), rc=done.rc, stderr=text(done.stderr))


def _argv(call: Call) -> List[str]:
    words = ["getent"]
    if call["service"]:
        words += ["-s", call["service"]]
    return [*words, call["database"], *([call["key"]] if call["key"] is not None else [])]


def _separator(call: Call) -> Any:
    colons = ("passwd", "shadow", "group", "gshadow")
    return call["split"] or (":" if call["database"] in colons else None)


def _entries(output: str, separator: Any) -> Dict[str, Any]:
    found: Dict[str, Any] = {}
    seen: Dict[str, int] = {}
    for line in output.splitlines():
        fields = line.split(separator)
        if not fields:
            continue
        if fields[0] not in found:
            found[fields[0]] = fields[1:]
        elif seen.setdefault(fields[0], 1) == 1:
            found[fields[0]] = [found[fields[0]], fields[1:]]
            seen[fields[0]] = 2
        else:
            found[fields[0]].append(fields[1:])
    return found


MODULE = Getent
