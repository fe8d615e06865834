"""The shell module: runs a command line by a shell."""

from typing import Any, Dict

from orchestr8.remote.commands import COMMAND_ARGS, Line, perform
from orchestr8.remote.module import Arg, Call, Failure, Module


class Shell(Module):
    """Run a command line by a shell on hosts, with pipes, redirections and variables."""

    name = "shell"
    free_form = "_raw_params"
    args = dict(
        COMMAND_ARGS,
        executable=Arg("path", "The shell to use; /bin/sh by default."),
        expand_argument_vars=Arg("raw", "Not for this module: its shell expands variables."),
    )
    exclusive = (("_raw_params", "cmd"),)
    one_of = (("_raw_params", "cmd"),)

    def run(self, call: Call) -> Dict[str, Any]:
        """Run the command line, if it is needed."""
        if call["expand_argument_vars"] is not None:
            raise Failure("Unsupported parameters for (shell) module: expand_argument_vars")
        line = call["_raw_params"] or call["cmd"]
        if not line:
            raise Failure("no command given", rc=256)
        return perform(call, Line(str(line), executable=call["executable"]))


MODULE = Shell
