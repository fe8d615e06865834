"""assemble: make one file out of fragments, of the host or of the controller."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Any

from orchestr8.actions.transfer import read, send
from orchestr8.core.errors import Diagnostic, HostFailed
from orchestr8.engine.work import Work
from orchestr8.language.catalog import remote_spec
from orchestr8.remote import fragments
from orchestr8.remote.module import Failure

SPEC = replace(remote_spec("assemble"), controller=True)
_OWN = ("src", "remote_src", "regexp", "delimiter", "ignore_hidden", "decrypt")


def run(work: Work) -> dict[str, Any]:
    """Hand over to the host, or assemble here and send what the host lacks."""
    args = work.args
    if args.get("remote_src") is not False:
        return work.call("assemble", args)
    path = work.files.find(str(args["src"]), "files")
    if not os.path.isdir(path):
        message = f"Source ({path}) is not a directory"
        raise HostFailed(Diagnostic("O8-2301", message, work.task.action_span))
    try:
        names = fragments.names(path, args.get("regexp"), ignore_hidden=bool(args.get("ignore_hidden")))
    except Failure as failure:
        raise HostFailed(Diagnostic("O8-1203", failure.msg, work.task.action_span)) from None
    whole = fragments.joined((read(each, work) for each in names), args.get("delimiter"))
    result = send(work, {name: value for name, value in args.items() if name not in _OWN}, whole)
    diff = result.get("diff")
    return {**result, "diff": diff[0]} if isinstance(diff, list) and len(diff) == 1 else result
