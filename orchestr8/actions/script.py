"""script: run a script of the controller on a host."""

from __future__ import annotations

import shlex
from dataclasses import replace
from typing import Any

from orchestr8.actions.transfer import read
from orchestr8.core.errors import Diagnostic, HostFailed
from orchestr8.engine.work import Work
from orchestr8.language.catalog import remote_spec

SPEC = replace(remote_spec("script"), controller=True)


def run(work: Work) -> dict[str, Any]:
    """Send the script's text along with the command line."""
    line = str(work.args.get("_raw_params") or work.args.get("cmd") or "")
    try:
        words = shlex.split(line)
    except ValueError as error:
        raise HostFailed(Diagnostic("O8-2303", f"cannot split `{line}`: {error}", work.task.span)) from None
    path = work.files.find(words[0] if words else "", "files")
    return work.call("script", work.args, blob=read(path, work))
