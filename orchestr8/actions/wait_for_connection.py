"""wait_for_connection: wait until a host can be reached and answers."""

from __future__ import annotations

import time
from typing import Any

from orchestr8.core.errors import Unreachable
from orchestr8.engine.work import Work
from orchestr8.language.catalog import ModuleSpec
from orchestr8.remote.module import Arg

SPEC = ModuleSpec(
    name="wait_for_connection",
    controller=True,
    doc="Wait until a host can be reached and answers.",
    args={
        "timeout": Arg("int", "Seconds to wait at most.", default=600),
        "delay": Arg("int", "Seconds before the first try.", default=0),
        "sleep": Arg("int", "Seconds between tries.", default=1),
        "connect_timeout": Arg("int", "Bound on one try.", default=5),
    },
)


def run(work: Work) -> dict[str, Any]:
    """Try until the host answers a ping or the time is up."""
    began = time.monotonic()
    time.sleep(float(work.args.get("delay") or 0))
    limit = began + float(work.args.get("timeout") or 600)
    while True:
        try:
            work.call("ping", {})
        except Unreachable as error:
            if time.monotonic() > limit:
                elapsed = int(time.monotonic() - began)
                text = f"timed out waiting for ping module test: {error.message}"
                return {"changed": False, "failed": True, "elapsed": elapsed, "msg": text}
            time.sleep(float(work.args.get("sleep") or 1))
        else:
            return {"changed": False, "elapsed": int(time.monotonic() - began)}
