"""Runs users' modules that are programs of any language: arguments in a file, the result on the output."""

import json
import os
import shlex
import shutil
import sys
import tempfile
from typing import Any, Dict, List

from orchestr8.remote.module import Call
from orchestr8.remote.process import Finished, run

_JSON = b"<<INCLUDE_ANSIBLE_MODULE_JSON_ARGS>>"
_VERSION, _COMPLEX = b"<<ANSIBLE_VERSION>>", b"<<INCLUDE_ANSIBLE_MODULE_COMPLEX_ARGS>>"


def finished(call: Call, code: bytes, given: Dict[str, Any]) -> Finished:
    """Run a module from a private folder, which is removed afterwards."""
    folder = tempfile.mkdtemp(prefix=".o8-")
    try:
        kind = call["kind"]
        told = json.dumps(given)
        if kind == "jsonargs":
            code = code.replace(_JSON, told.encode("utf-8")).replace(_VERSION, b'"2.19.0"')
            code = code.replace(_COMPLEX, json.dumps(told).encode("utf-8"))
        name = os.path.basename(call["path"])
        path = _written(folder, name, code, 0o700)
        line = [*_interpreter(code, kind), path]
        if kind != "jsonargs":
            body = told if kind in ("want_json", "binary") else _pairs(given)
            line.append(_written(folder, "args", body.encode("utf-8"), 0o600))
        return run(line, cwd=call.cwd, environ=call.environ, timeout=call.timeout)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _written(folder: str, name: str, body: bytes, mode: int) -> str:
    path = os.path.join(folder, name)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(body)
    return path


def _interpreter(code: bytes, kind: str) -> List[str]:
    """Return what runs a script: Python is the one that runs here, whatever its first line says."""
    if kind == "binary" or not code.startswith(b"#!"):
        return []
    words = shlex.split(code.split(b"\n", 1)[0][2:].decode("utf-8", "replace"))
    at = 1 if os.path.basename(words[0]) == "env" and len(words) > 1 else 0
    if os.path.basename(words[at]).startswith("python"):
        return [sys.executable, *words[at + 1 :]]
    return words


def _pairs(given: Dict[str, Any]) -> str:
    return " ".join("%s=%s" % (name, shlex.quote(str(value))) for name, value in given.items())
