"""dpkg_selections: what dpkg is to do with a package, such as hold it."""

from typing import Any, Dict

from orchestr8.remote.module import Arg, Call, Failure, Module
from orchestr8.remote.process import run, text
from orchestr8.remote.programs import must, required


class DpkgSelections(Module):
    """Sets dpkg's selection of one package."""

    name = "dpkg_selections"
    args = {
        "name": Arg("str", "The package.", required=True),
        "selection": Arg(
            "str", "What to do with it.", required=True, choices=["install", "hold", "deinstall", "purge"]
        ),
    }

    def run(self, call: Call) -> Dict[str, Any]:
        """Compare and set."""
        program, name, wanted = required("dpkg", "dpkg"), call["name"], call["selection"]
        words = text(run([program, "--get-selections", name], parse=True).stdout).split()
        if not words:
            raise Failure(f"Failed to find package '{name}' to perform selection '{wanted}'.")
        before = words[1]
        if before != wanted and not call.check:
            line = f"{name} {wanted}\n".encode()
            must([program, "--set-selections"], f"dpkg refuses {wanted} for {name}", stdin=line)
        return {"changed": before != wanted, "before": before, "after": wanted}


MODULE = DpkgSelections
