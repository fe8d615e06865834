"""setup: gathers facts about the host."""

from typing import Any, Dict

from orchestr8.remote.facts.gather import collectors, filtered, gather
from orchestr8.remote.module import Arg, Call, Failure, Module


class Setup(Module):
    """Gathers facts about the host, under Ansible's names."""

    name = "setup"
    args = {
        "gather_subset": Arg(
            "list",
            "Which facts to gather: all, min, or names such as network or hardware; a leading ! leaves out.",
            default=["all"],
            elements="str",
        ),
        "gather_timeout": Arg("int", "Seconds any single slow source may take.", default=10),
        "filter": Arg(
            "list",
            "Shell-style patterns; only facts with a fitting name are returned.",
            default=[],
            elements="str",
        ),
        "fact_path": Arg(
            "path",
            "Folder of local facts: *.fact files in JSON or INI, or programs.",
            default="/etc/ansible/facts.d",
        ),
    }

    def run(self, call: Call) -> Dict[str, Any]:
        """Gather; never changes anything."""
        try:
            names = collectors(call["gather_subset"])
        except ValueError as error:
            raise Failure(str(error)) from None
        found = gather(names, call["fact_path"], call["gather_timeout"], call.warnings.append)
        facts = filtered({"ansible_" + key: value for key, value in found.items()}, call["filter"])
        facts.update(
            filtered({"gather_subset": list(call["gather_subset"]), "module_setup": True}, call["filter"])
        )
        return {"changed": False, "ansible_facts": facts}


MODULE = Setup
