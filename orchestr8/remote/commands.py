"""What the modules that run commands share: their arguments, when they skip, and what they report."""

import os
from typing import Any, Dict, List, Mapping, Optional, Union

from orchestr8.remote.module import Arg, Call, Failure
from orchestr8.remote.moments import moment, span
from orchestr8.remote.process import Finished, run, text

COMMAND_ARGS: Dict[str, Arg] = {
    "_raw_params": Arg("str", "The command line, as written after the module's name."),
    "cmd": Arg("str", "The command line."),
    "chdir": Arg("path", "Directory to change to before."),
    "creates": Arg("path", "A path or pattern; when it exists, nothing is run."),
    "removes": Arg("path", "A path or pattern; when it does not exist, nothing is run."),
    "stdin": Arg("str", "Text for the standard input."),
    "stdin_add_newline": Arg("bool", "End the standard input with a newline.", default=True),
    "strip_empty_ends": Arg("bool", "Strip newlines from the end of stdout and stderr.", default=True),
    "expand_argument_vars": Arg("bool", "Expand variables such as $HOME in the arguments.", default=True),
}


class Line:
    """A command ready to run: a list of words, or one string for a shell."""

    def __init__(
        self, words: Union[str, List[str]], *, executable: Optional[str] = None, shown: Any = None
    ) -> None:
        self.words = words
        self.executable = executable
        self.shown = words if shown is None else shown


def perform(call: Call, line: Line) -> Dict[str, Any]:
    """Run a command unless `creates`, `removes` or check mode say not to; raise Failure when it fails."""
    result: Dict[str, Any] = {"changed": False, "stdout": "", "stderr": "", "rc": None, "cmd": line.shown}
    result.update(start=None, end=None, delta=None, msg="")
    folder = _folder(call, result)
    reason = _reason_to_skip(call, folder)
    if reason:
        msg, stdout = reason
        return _lines(dict(result, msg=msg, stdout=stdout, rc=0))
    if call.check:
        return _lines(_would_run(call, result))
    result["changed"] = True
    done = _run(call, line, folder, result)
    _fill(call, result, done)
    msg = "Timed out after %g second(s)." % (call.timeout or 0) if done.timed_out else "non-zero return code"
    if done.timed_out or done.rc:
        del result["msg"]
        raise Failure(msg, **result)
    return result


def expanded(word: str, environ: Mapping[str, str]) -> str:
    """Return a word with $NAME, ${NAME} and a leading ~ replaced out of the command's environment."""
    known = dict(os.environ, **environ)
    whole = _filled(word, known) if "$" in word else word
    if whole == "~" or whole.startswith("~/"):
        return known.get("HOME", os.path.expanduser("~")) + whole[1:]
    return os.path.expanduser(whole)


def _filled(word: str, known: Mapping[str, str]) -> str:
    import re

    return re.sub(
        r"\$(?:(\w+)|\{([^}]*)\})",
        lambda match: known.get(match.group(1) or match.group(2), match.group(0)),
        word,
    )


def skips(call: Call, folder: Optional[str]) -> str:
    """Return why the command is not needed: "" when it is."""
    creates, removes = call["creates"], call["removes"]
    if creates and _exists(creates, folder):
        return "'%s' exists" % creates
    if removes and not _exists(removes, folder):
        return "'%s' does not exist" % removes
    return ""


def _folder(call: Call, result: Dict[str, Any]) -> Optional[str]:
    folder = call["chdir"]
    if folder is None:
        return call.cwd
    folder = os.path.join(call.cwd or "", folder)
    try:
        os.listdir(folder) if not os.access(folder, os.X_OK) else os.stat(os.path.join(folder, "."))
    except OSError as error:
        msg = "Unable to change directory before execution: %s: %s" % (folder, error.strerror)
        result.pop("msg")
        raise Failure(msg, **_lines(result)) from None
    return folder


def _reason_to_skip(call: Call, folder: Optional[str]) -> Any:
    why = skips(call, folder)
    if not why:
        return None
    word = "Would" if call.check else "Did"
    return "%s not run command since %s" % (word, why), "skipped, since %s" % why.replace("'", "")


def _exists(pattern: str, folder: Optional[str]) -> bool:
    path = os.path.join(folder or "", pattern)
    if not any(sign in pattern for sign in "*?["):
        return os.path.lexists(path)
    import glob

    return bool(glob.glob(path))


def _would_run(call: Call, result: Dict[str, Any]) -> Dict[str, Any]:
    known = call["creates"] is not None or call["removes"] is not None
    result.update(rc=0, msg="Command would have run if not in check mode", changed=known)
    return result if known else dict(result, skipped=True)


def _run(call: Call, line: Line, folder: Optional[str], result: Dict[str, Any]) -> Finished:
    shell = isinstance(line.words, str)
    try:
        return run(
            line.words,
            stdin=_stdin(call),
            cwd=folder,
            environ=call.environ,
            timeout=call.timeout,
            shell=shell,
            executable=line.executable,
            progress=call.progress,
        )
    except Failure as failure:
        shown = _lines({**result, **failure.result, "cmd": _as_text(line.shown), "changed": False})
        for name in ("msg", "start", "end", "delta"):
            shown.pop(name, None)
        raise Failure("Error executing command: %s" % failure.msg, **shown) from None


def _as_text(words: Any) -> Any:
    """Return a command that was no list for a shell as one line."""
    import shlex

    return " ".join(map(shlex.quote, words)) if isinstance(words, list) else words


def _stdin(call: Call) -> bytes:
    if call.args.get("stdin") is None:
        return b""
    given = str(call["stdin"]).encode("utf-8", "surrogateescape")
    return given + b"\n" if call["stdin_add_newline"] else given


def _fill(call: Call, result: Dict[str, Any], done: Finished) -> None:
    strip = call.args.get("strip_empty_ends", True)
    start, end = (round(moment * 1e6) for moment in (done.start, done.end))
    for key, data in (("stdout", done.stdout), ("stderr", done.stderr)):
        result[key] = text(data).rstrip("\r\n") if strip else text(data)
    result.update(rc=done.rc, start=moment(start), end=moment(end), delta=span(end - start))
    if done.truncated:
        call.warnings.append("output was cut: %d bytes in the middle are not shown" % done.truncated)
    _lines(result)


def _lines(result: Dict[str, Any]) -> Dict[str, Any]:
    result["stdout_lines"] = result["stdout"].splitlines()
    result["stderr_lines"] = result["stderr"].splitlines()
    return result
