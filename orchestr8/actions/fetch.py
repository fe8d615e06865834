"""fetch: bring a file from a host to the controller."""

from __future__ import annotations

import base64
import hashlib
import os
from pathlib import Path
from typing import Any

from orchestr8.core.errors import Diagnostic, HostFailed
from orchestr8.engine.work import Work
from orchestr8.language.catalog import ModuleSpec
from orchestr8.remote.module import Arg

SPEC = ModuleSpec(
    name="fetch",
    controller=True,
    doc="Bring a file from a host to the controller.",
    args={
        "src": Arg("path", "The file on the host.", required=True),
        "dest": Arg("path", "Where to put it on the controller.", required=True),
        "flat": Arg("bool", "Do not add the host's name and the path to `dest`.", default=False),
        "fail_on_missing": Arg("bool", "Fail when the host has no such file.", default=True),
        "validate_checksum": Arg("bool", "Compare checksums afterwards.", default=True),
    },
)


def run(work: Work) -> dict[str, Any]:
    """Write the file unless it is there already; the path is built from the inventory's name only."""
    source = str(work.args["src"])
    got = work.call("slurp", {"src": source})
    if got.get("failed"):
        return _missing(work, source, got)
    content = base64.b64decode(got["content"])
    dest = _destination(work, source)
    checksum = hashlib.sha1(content, usedforsecurity=False).hexdigest()
    same = Path(dest).is_file() and Path(dest).read_bytes() == content
    if not same and not work.check:
        os.makedirs(os.path.dirname(dest) or ".", exist_ok=True)
        Path(dest).write_bytes(content)
    return {
        "changed": not same,
        "dest": dest,
        "checksum": checksum,
        "remote_checksum": checksum,
        "file": source,
    }


def _missing(work: Work, source: str, got: dict[str, Any]) -> dict[str, Any]:
    if work.args.get("fail_on_missing", True):
        return {"changed": False, "failed": True, "file": source, "msg": got.get("msg", "")}
    return {"changed": False, "file": source, "msg": f"{got.get('msg', '')}, not transferring, ignored"}


def _destination(work: Work, source: str) -> str:
    dest = os.path.expanduser(str(work.args["dest"]))
    if work.args.get("flat"):
        return os.path.join(dest, os.path.basename(source)) if dest.endswith(os.sep) else dest
    inside = os.path.normpath("/" + source).lstrip("/")
    path = os.path.join(dest, work.host, inside)
    if os.path.commonpath([os.path.abspath(dest), os.path.abspath(path)]) != os.path.abspath(dest):
        raise HostFailed(Diagnostic("O8-2302", f"{source} would leave {dest}", work.task.span))
    return path
