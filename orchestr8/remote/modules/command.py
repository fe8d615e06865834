"""The command module: runs a program without a shell."""

from typing import Any, Dict, List

from orchestr8.remote.commands import COMMAND_ARGS, Line, expanded, perform
from orchestr8.remote.module import Arg, Call, Failure, Module

_BLANKS = {ord(sign): " " for sign in "\t\r\n"}


class Command(Module):
    """Run a command on hosts, word for word: no shell looks at it."""

    name = "command"
    free_form = "_raw_params"
    args = dict(
        COMMAND_ARGS,
        argv=Arg("list", "The command as a list of words.", elements="str"),
        executable=Arg("str", "Not used by this module; the shell module knows it."),
    )
    exclusive = (("_raw_params", "cmd", "argv"),)
    one_of = (("_raw_params", "cmd", "argv"),)

    def run(self, call: Call) -> Dict[str, Any]:
        """Run the command, if it is needed."""
        if call.args.get("executable"):
            call.warnings.append(
                "'executable' is no longer supported by the 'command' module; the shell module knows it. "
                "Not using '%s'." % call["executable"]
            )
        parts = call["argv"] or words(call["_raw_params"] or call["cmd"] or "")
        if not parts:
            raise Failure("no command given", rc=256)
        asked = [str(word) for word in parts]
        if call["expand_argument_vars"]:
            return perform(call, Line([expanded(word, call.environ) for word in asked], shown=asked))
        return perform(call, Line(asked))


def words(line: str) -> List[str]:
    """Return the words of a command line as a shell would cut it; without quotes no parser is loaded."""
    if not any(sign in line for sign in "'\"\\"):
        return [word for word in line.translate(_BLANKS).split(" ") if word]
    import shlex

    try:
        return shlex.split(line)
    except ValueError as error:
        raise Failure("the command line cannot be split into words: %s" % error, cmd=line) from None


MODULE = Command
