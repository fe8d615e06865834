"""unarchive: unpack an archive of the controller, or one that the host has or fetches."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from typing import Any

from orchestr8.actions.transfer import read
from orchestr8.engine.ports import Request
from orchestr8.engine.work import Work
from orchestr8.language.catalog import remote_spec

SPEC = replace(remote_spec("unarchive"), controller=True)


def run(work: Work) -> Generator[Request, dict[str, Any], dict[str, Any]]:
    """Send the archive along, unless it is on the host or nothing is to be done."""
    args = {name: value for name, value in work.args.items() if value != SPEC.args[name].default}
    source = str(args.get("src") or "")
    there = args.get("remote_src") or args.get("copy") is False
    if there or not source or not args.get("dest") or "://" in source:
        return (yield work.request("unarchive", args | ({"remote_src": True} if there else {})))
    if args.get("creates"):
        found = yield work.request("stat", {"path": args["creates"]})
        if found.get("stat", {}).get("exists"):
            msg = f"skipped, since {args['creates']} exists"
            return {"changed": False, "skipped": True, "msg": msg}
    content = read(work.files.find(source, "files"), work)
    return (yield work.request("unarchive", args, blob=content))
