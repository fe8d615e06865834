"""Starts a user's module written in Python, in a process that is its own."""

import json
import os
import sys
import types
from typing import Any, Dict

from orchestr8.remote.own import names


def run(source: str, path: str, package: str, args: Dict[str, Any]) -> int:
    """Run a module to its end and return its exit code."""
    names.install()
    _see_packages()
    from orchestr8.remote.own import basic

    basic._ANSIBLE_ARGS = json.dumps({"ANSIBLE_MODULE_ARGS": args}).encode("ascii")
    sys.argv = [path]
    try:
        _execute(source, path, package)
        code: Any = 0
    except SystemExit as error:
        code = error.code
    except BaseException as error:  # noqa: BLE001 -- whatever a user's code raises is told as Ansible tells it
        code = 1
        _tell(error, path)
    _leave()
    if isinstance(code, str):
        sys.stderr.write(code + "\n")
    return code if isinstance(code, int) else int(code is not None)


def _execute(source: str, path: str, package: str) -> None:
    module: Any = types.ModuleType("__main__")
    module.__file__, module.__package__ = path, package or None
    sys.modules["__main__"] = module
    if package:
        _prepare(package)
    exec(compile(source, path, "exec", dont_inherit=True), module.__dict__)  # noqa: S102


def _prepare(package: str) -> None:
    """Let relative imports of a collection's module find the packages above it."""
    parts = package.split(".")
    for depth in range(1, len(parts) + 1):
        name = ".".join(parts[:depth])
        try:
            __import__(name)
        except ImportError:
            made: Any = types.ModuleType(name)
            made.__path__ = []
            sys.modules[name] = made


def _see_packages() -> None:
    """Let the module import what is installed on the host: this process was started without it."""
    import site

    site.main()
    for folder in reversed(os.environ.get("PYTHONPATH", "").split(os.pathsep)):
        if folder and folder not in sys.path:
            sys.path.insert(0, folder)


def _tell(error: BaseException, path: str) -> None:
    import traceback

    lines = traceback.format_exception(type(error), error, error.__traceback__)
    result = {"failed": True, "msg": "Task failed: Module failed: %s" % error, "exception": "".join(lines)}
    sys.stdout.write("\n" + json.dumps(result) + "\n")


def _leave() -> None:
    """Do what an interpreter does at its end."""
    import atexit

    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            continue
