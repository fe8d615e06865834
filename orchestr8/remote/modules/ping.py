"""The ping module: says that the runner answers."""

from typing import Any, Dict

from orchestr8.remote.module import Arg, Call, Module


class Ping(Module):
    """Return `pong`, to show that a host can be reached and has a usable Python."""

    name = "ping"
    args = {"data": Arg("str", "What to answer; `crash` raises an error.", default="pong")}

    def run(self, call: Call) -> Dict[str, Any]:
        """Answer."""
        if call["data"] == "crash":
            raise RuntimeError("boom")
        return {"changed": False, "ping": call["data"]}


MODULE = Ping
