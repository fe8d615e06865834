"""expect: runs a command on a terminal of its own and answers what it asks."""

import os
import time
from typing import Any, Dict

from orchestr8.remote.dialogue import Dialogue
from orchestr8.remote.module import Arg, Call, Failure, Module


class Expect(Module):
    """Runs a command and answers its questions, found by regular expressions."""

    name = "expect"
    check_mode = False
    args = {
        "command": Arg("str", "The command; no shell looks at it.", required=True),
        "responses": Arg(
            "dict", "Expressions and their answers; a list answers one question after another.", required=True
        ),
        "chdir": Arg("path", "Directory to change to before."),
        "creates": Arg("path", "When this exists, nothing is run."),
        "removes": Arg("path", "When this does not exist, nothing is run."),
        "timeout": Arg("int", "Seconds to wait for each question or the end.", default=30),
        "echo": Arg("bool", "Keep the answers in the output.", default=False),
    }

    def run(self, call: Call) -> Dict[str, Any]:
        """Run the command, if it is needed."""
        line = call["command"]
        out: Dict[str, Any] = {"cmd": line, "changed": False, "rc": 0}
        folder = os.path.abspath(call["chdir"]) if call["chdir"] else call.cwd
        for name, unwanted, word in (("creates", True, "exists"), ("removes", False, "does not exist")):
            path = call[name] and os.path.join(folder or "", call[name])
            if path and os.path.exists(path) == unwanted:
                return dict(out, stdout="skipped, since %s %s" % (call[name], word))
        began = time.time()
        dialogue = Dialogue(call["responses"], call["timeout"], echo=call["echo"])
        rc = dialogue.hold(_words(line), folder)
        out.update(changed=True, rc=rc, stdout=dialogue.text().rstrip("\r\n"))
        out.update(start=_shown(began), end=_shown(time.time()), delta="%.6f" % (time.time() - began))
        if rc is None:
            raise Failure("command exceeded timeout", **out)
        if rc:
            raise Failure("non-zero return code", **out)
        return out


def _shown(moment: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(moment)) + (".%06d" % (moment % 1 * 1000000))


def _words(line: str) -> Any:
    import shlex
    import shutil

    try:
        words = shlex.split(line)
    except ValueError as error:
        raise Failure("the command line cannot be split into words: %s" % error, cmd=line) from None
    if not words:
        raise Failure("no command given", rc=256)
    if shutil.which(words[0]) is None:
        raise Failure("The command was not found or was not executable: %s." % words[0], cmd=line)
    return words


MODULE = Expect
