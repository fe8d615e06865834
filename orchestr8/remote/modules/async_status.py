"""async_status: tells how a job of an earlier task stands."""

import json
import os
from typing import Any, Dict

from orchestr8.remote.background import job_path
from orchestr8.remote.module import Arg, Call, Failure, Module


class AsyncStatus(Module):
    """Return how a job that was started with `async` and `poll: 0` stands, or remove what it left."""

    name = "async_status"
    args = {
        "jid": Arg("str", "The job, as `ansible_job_id` named it.", required=True),
        "mode": Arg(
            "str", "status, or cleanup to remove its result.", default="status", choices=["status", "cleanup"]
        ),
    }

    def run(self, call: Call) -> Dict[str, Any]:
        """Look."""
        job = call["jid"]
        path = job_path(job)
        known = {"ansible_job_id": job, "started": True, "finished": True}
        if not os.path.exists(path):
            raise Failure("could not find job", results_file=path, **known)
        if call["mode"] == "cleanup":
            if not call.check:
                os.unlink(path)
            return dict(known, changed=False, started=False, finished=False, erased=path)
        result: Dict[str, Any] = {"changed": False, "stdout": "", "stderr": "", "results_file": path}
        result.update(_content(path, known))
        return result


def _content(path: str, known: Dict[str, Any]) -> Dict[str, Any]:
    try:
        with open(path, encoding="utf-8") as file:
            content: Dict[str, Any] = json.load(file)
    except ValueError as error:
        raise Failure("Could not parse job output: %s" % error, results_file=path, **known) from None
    return content


MODULE = AsyncStatus
