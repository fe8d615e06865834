"""seport: names ports for SELinux's policy."""

import re
from typing import Any, Dict, List, Set

from orchestr8.remote.facts.reading import Files
from orchestr8.remote.module import Arg, Call, Failure, Module
from orchestr8.remote.process import text
from orchestr8.remote.programs import must, required


class Seport(Module):
    """Gives ports a type of SELinux's policy, or takes it back."""

    name = "seport"
    args = {
        "ports": Arg("list", "Ports or ranges.", required=True, elements="str"),
        "proto": Arg("str", "Their protocol.", required=True, choices=["tcp", "udp", "dccp", "sctp"]),
        "setype": Arg("str", "The type.", required=True),
        "state": Arg("str", "Whether they have it.", default="present", choices=["absent", "present"]),
        "reload": Arg("bool", "Load the policy afterwards.", default=True),
        "ignore_selinux_state": Arg("bool", "Act even where SELinux is off.", default=False),
        "local": Arg("bool", "Look only at what was added on the host.", default=False),
    }

    def run(self, call: Call) -> Dict[str, Any]:
        """Compare the policy's ports with the wanted ones."""
        if not call["ignore_selinux_state"] and Files().text("/sys/fs/selinux/enforce") is None:
            raise Failure("SELinux is disabled on this host.")
        out: Dict[str, Any] = {key: call[key] for key in ("ports", "proto", "setype", "state")}
        program = required("semanage", "policycoreutils-python-utils")
        flags = ["-N"] if not call["reload"] else []
        known = _ports(program, call)
        taken = _ports(program, call, others=True)
        present = call["state"] == "present"
        different = [port for port in call["ports"] if (port in known) != present]
        for port in different if not call.check else []:
            verb = "-d" if not present else "-m" if port in taken else "-a"
            kind = ["-t", call["setype"]] if present else []
            must([program, "port", *flags, verb, *kind, "-p", call["proto"], port], "semanage failed")
        out["changed"] = bool(different)
        return out


def _ports(program: str, call: Call, *, others: bool = False) -> Set[str]:
    """Return the ports that have the type, or any other."""
    flags = ["-C"] if call["local"] else []
    found: List[str] = []
    for line in text(must([program, "port", "-l", "-n", *flags], "semanage failed").stdout).splitlines():
        words = line.split(None, 2)
        if len(words) > 2 and words[1] == call["proto"] and (words[0] == call["setype"]) != others:
            found += re.split(r",\s*", words[2].strip())
    return set(found)


MODULE = Seport
