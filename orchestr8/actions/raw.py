"""raw: run a command line by the login shell; needs no Python on the host."""

from __future__ import annotations

from typing import Any

from orchestr8.engine.work import Work
from orchestr8.language.catalog import ModuleSpec
from orchestr8.remote.module import Arg

SPEC = ModuleSpec(
    name="raw",
    controller=True,
    check_mode=False,
    free_form="_raw_params",
    doc="Run a command line by the login shell; needs no Python on the host.",
    args={
        "_raw_params": Arg("str", "The command line.", required=True),
        "executable": Arg("path", "The shell that runs it, instead of the login shell."),
        **{
            name: Arg("raw", "Accepted, without effect.") for name in ("chdir", "creates", "removes", "stdin")
        },
    },
)


def run(work: Work) -> dict[str, Any]:
    """Return rc, stdout and stderr; anything but 0 is a failure, as is a user that we cannot become."""
    request = work.request("raw", {})
    result = work.connection().raw(
        str(work.args["_raw_params"]),
        executable=work.args.get("executable"),
        become=request.become,
        timeout=request.timeout,
    )
    return {"changed": True, **result}
