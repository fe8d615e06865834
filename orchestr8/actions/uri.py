"""uri: talk to a web service; what it is sent may be a file of the controller."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from typing import Any

from orchestr8.actions.transfer import read
from orchestr8.engine.ports import Request
from orchestr8.engine.work import Work
from orchestr8.language.catalog import remote_spec

SPEC = replace(remote_spec("uri"), controller=True)


def run(work: Work) -> Generator[Request, dict[str, Any], dict[str, Any]]:
    """Send `src` along, unless it is on the host."""
    source = work.args.get("src")
    if not source or work.args.get("remote_src"):
        return (yield work.request("uri", work.args))
    path = work.files.find(str(source), "files")
    return (yield work.request("uri", work.args, blob=read(path, work)))
