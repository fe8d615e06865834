"""Users of a service behind several edges, for locust: kept and new connections, slow and large answers.

Environment: O8_LOAD_EDGES, addresses of the edges with commas; O8_LOAD_HOST, the service's host name;
O8_LOAD_LOG, the file that gets one JSON line a request; O8_LOAD_SCALE, how many times the 200 requests a
second that the users make together at 1. Every user stays with one edge.
"""

from __future__ import annotations

import json
import os
import time
from itertools import count
from typing import Any, ClassVar

from locust import constant_throughput, events, task
from locust.contrib.fasthttp import FastHttpUser

EDGES = os.environ["O8_LOAD_EDGES"].split(",")
HOST = os.environ["O8_LOAD_HOST"]
SCALE = float(os.environ.get("O8_LOAD_SCALE", "1"))
log = open(os.environ["O8_LOAD_LOG"], "w", buffering=1)  # noqa: SIM115 -- open while locust runs
turns = count()


@events.request.add_listener
def note(response: Any, response_time: float, exception: Any, name: str, context: Any, **_: Any) -> None:
    """Write down who answered, or what failed."""
    told: dict[str, Any] = {
        "at": time.time(),
        "ms": round(response_time, 1),
        "kind": name,
        "edge": context["edge"],
        "status": getattr(response, "status_code", 0),
        "error": str(exception or ""),
    }
    try:
        body = json.loads(response.text)
        told.update(version=body["version"], container=body["container"])
    except (ValueError, TypeError, KeyError, AttributeError):
        told["error"] = told["error"] or "no answer of the application"
    log.write(json.dumps(told) + "\n")


class Caller(FastHttpUser):
    """One user of one edge."""

    abstract = True
    host = "http://edge"
    headers: ClassVar = {"Host": HOST}
    query = ""
    connection_timeout = 5
    network_timeout = 30

    def on_start(self) -> None:
        """Choose the edge."""
        self.edge = EDGES[next(turns) % len(EDGES)]

    @task
    def call(self) -> None:
        """Ask once."""
        kind = type(self).__name__.lower()
        url = f"http://{self.edge}/{self.query}"
        self.client.get(url, name=kind, headers=self.headers, context={"edge": self.edge})


class Kept(Caller):
    """Keeps its connection: 120 requests a second in all."""

    fixed_count = 12
    wait_time = constant_throughput(10 * SCALE)


class New(Caller):
    """Opens a connection for every request: 60 a second in all."""

    fixed_count = 6
    wait_time = constant_throughput(10 * SCALE)
    headers: ClassVar = {"Host": HOST, "Connection": "close"}


class Large(Caller):
    """Gets 200 kB each time: 10 a second in all."""

    fixed_count = 2
    wait_time = constant_throughput(5 * SCALE)
    query = "?size=200000"


class Slow(Caller):
    """Waits two seconds for each answer: 10 a second in all."""

    fixed_count = 24
    wait_time = constant_throughput(0.45 * SCALE)
    query = "?slow=2"
