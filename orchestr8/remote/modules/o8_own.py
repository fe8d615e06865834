"""Runs a module that a user wrote: Python in a copy of this process, all else as a program."""

import sys
from typing import Any, Dict, Tuple

from orchestr8.remote.jsontext import loads
from orchestr8.remote.module import Arg, Call, Failure, Module
from orchestr8.remote.process import Finished, text, watch

LARGEST = 64 << 20


class Own(Module):
    """Run a module of a user; its code was sent before.

    unit: what holds its code. kind: python, jsonargs, want_json, binary or old.
    """

    name = "o8_own"
    args = {
        "unit": Arg("str", "What holds the module's code.", required=True),
        "kind": Arg("str", "How it takes its arguments.", required=True),
        "name": Arg("str", "Its name, as tasks write it.", required=True),
        "path": Arg("str", "Its file on the controller.", required=True),
        "package": Arg("str", "The package it is part of.", default=""),
        "args": Arg("raw", "Its arguments.", required=True),
        "verbosity": Arg("int", "How much is to be said.", default=0),
    }

    def run(self, call: Call) -> Dict[str, Any]:
        """Run it, and return what it printed."""
        code, given = _code(call["unit"]), dict(call["args"], **_internals(call))
        if call["kind"] == "python":
            done = _in_copy(call, code, given)
        else:
            from orchestr8.remote.own.programs import finished

            done = finished(call, code, given)
        if done.timed_out:
            raise Failure("Timed out after %g second(s)." % (call.timeout or 0), timedout=True)
        return answer(done, quiet=call["kind"] == "python")


def _internals(call: Call) -> Dict[str, Any]:
    """Return what a module is told beside its own arguments."""
    told = {
        "check_mode": call.check, "diff": call.diff, "no_log": False, "debug": False,
        "verbosity": call["verbosity"], "module_name": call["name"], "version": "2.19.0",
        "keep_remote_files": False, "remote_tmp": "~/.ansible/tmp", "tmpdir": None, "socket": None,
        "shell_executable": "/bin/sh", "selinux_special_fs": [], "syslog_facility": "LOG_USER",
        "string_conversion_action": "warn", "target_log_info": None, "ignore_unknown_opts": False,
    }  # fmt: skip
    return {"_ansible_%s" % name: value for name, value in told.items()}


def _code(unit: str) -> Any:
    for finder in sys.meta_path:
        units = getattr(finder, "units", None)
        if isinstance(units, dict) and unit in units:
            return units[unit][1]
    raise Failure("the code of the module did not arrive on the host")


def _in_copy(call: Call, code: Any, given: Dict[str, Any]) -> Finished:
    from orchestr8.remote.copied import start_copy

    # What every module imports is imported before there is a copy: the next one finds it there.
    from orchestr8.remote.own import basic, starting  # noqa: F401

    def work() -> int:
        return starting.run(code, call["path"], call["package"], given)

    return watch(lambda: start_copy(work), call["name"], timeout=call.timeout, limit=LARGEST)


def answer(done: Finished, *, quiet: bool = False) -> Dict[str, Any]:
    """Return the result that a module printed, or what it said in its place.

    quiet: it may end well without having printed anything.
    """
    out, err = text(done.stdout), text(done.stderr)
    try:
        result, warnings = parsed(out)
    except ValueError:
        if quiet and not done.rc:
            raise Failure(
                "Task failed: Module failed: New-style module did not handle its own exit."
            ) from None
        raise Failure(
            "Module result deserialization failed: No start of json char found",
            module_stdout=out, module_stderr=err, rc=done.rc, **_traceback(err),
        ) from None  # fmt: skip
    if warnings:
        result["warnings"] = list(result.get("warnings") or ()) + warnings
    if done.rc and "failed" not in result and "rc" not in result:
        result.update(failed=True, rc=done.rc)
    for name in [key for key in result if key.startswith("_ansible_") or key == "deprecations"]:
        del result[name]
    for name in ("stdout", "stderr"):
        if isinstance(result.get(name), str) and name + "_lines" not in result:
            result[name + "_lines"] = result[name].splitlines()
    return result


def _traceback(err: str) -> Dict[str, Any]:
    return {"exception": err} if err.startswith("Traceback") else {}


def parsed(out: str) -> Tuple[Dict[str, Any], Any]:
    """Return the mapping that a module printed, and warnings; raise ValueError when there is none."""
    lines = out.splitlines()
    for start, line in enumerate(lines):
        if not line.strip().startswith("{"):
            continue
        for end in range(len(lines), start, -1):
            if not lines[end - 1].rstrip().endswith("}"):
                continue
            try:
                found = loads("\n".join(lines[start:end]).strip())
            except ValueError:
                continue
            if isinstance(found, dict):
                rest = "\n".join(lines[end:]).strip()
                warning = "Module invocation had junk after the JSON data: %s" % rest
                return found, [warning] if rest else []
    raise ValueError("no JSON")


MODULE = Own
