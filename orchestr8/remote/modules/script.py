"""The script module: runs a script of the controller on the host, leaving nothing behind."""

from typing import Any, Dict, Tuple

from orchestr8.remote.commands import COMMAND_ARGS, Line, perform, skips
from orchestr8.remote.module import Arg, Call, Failure, Module
from orchestr8.remote.transient import transient

_UNTOLD = ("cmd", "start", "end", "delta")
_TAKEN = ("_raw_params", "cmd", "chdir", "creates", "removes")


class Script(Module):
    """Run a script of the controller on hosts; its text comes as the blob.

    The first word of the command line is the script's path on the controller; the rest are its arguments,
    read by the host's shell.
    """

    name = "script"
    free_form = "_raw_params"
    args = dict(
        {name: COMMAND_ARGS[name] for name in _TAKEN},
        executable=Arg("str", "Program that runs the script, in place of its #! line."),
        decrypt=Arg("bool", "Decrypt a vaulted script on the controller.", default=True),
    )
    exclusive = (("_raw_params", "cmd"),)
    one_of = (("_raw_params", "cmd"),)

    def run(self, call: Call) -> Dict[str, Any]:
        """Run the script, if it is needed."""
        line = str(call["_raw_params"] or call["cmd"]).strip()
        if call["chdir"] and not call["chdir"].startswith("/"):
            raise Failure("chdir %s must be an absolute path for a Unix-aware remote node" % call["chdir"])
        why = skips(call, call["chdir"])
        if why:
            reason = why.replace("'", "") + ", matching %s option" % (
                "removes" if "not exist" in why else "creates"
            )
            return {"changed": False, "skipped": True, "msg": reason}
        if call.check and not (call["creates"] or call["removes"]):
            return {"changed": False, "skipped": True, "msg": "Check mode is not supported for this task."}
        if call.check:
            return {"changed": True}
        name, rest = _split(line)
        with transient(call.blob, name) as path:
            return _run(call, line, path, rest)


def _run(call: Call, line: str, path: str, rest: str) -> Dict[str, Any]:
    import shlex

    start = "%s " % call["executable"] if call["executable"] else ""
    call.args = dict(call.args, strip_empty_ends=False)
    try:
        done = perform(call, Line("%s%s%s" % (start, shlex.quote(path), rest), shown=line))
    except Failure as failure:
        raise Failure(failure.msg, **_told(failure.result)) from None
    done.pop("msg", None)
    return _told(done)


def _told(result: Dict[str, Any]) -> Dict[str, Any]:
    """Return a result without what only commands tell."""
    return {name: value for name, value in result.items() if name not in _UNTOLD}


def _split(line: str) -> Tuple[str, str]:
    """Return the script's path and, untouched, what follows it."""
    import io
    import shlex

    source = io.StringIO(line)
    reader = shlex.shlex(source, posix=True, punctuation_chars=False)
    reader.whitespace_split = True
    reader.commenters = ""
    try:
        name = reader.get_token() or ""
    except ValueError as error:
        raise Failure("the command line cannot be split into words: %s" % error, cmd=line) from None
    rest = source.read()
    return name, " " + rest if rest else ""


MODULE = Script
