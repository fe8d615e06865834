"""One look at a host's engine: one call on the host, whatever the number of containers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from orchestr8.deploy import naming
from orchestr8.engine.ports import Request
from orchestr8.engine.services.ports import EngineError, Sight
from orchestr8.runtime import sight
from orchestr8.runtime.client import CALL_TIMEOUT, NEWEST_API
from orchestr8.runtime.errors import UNANSWERED, engine_problem

MODULE = "o8_look"
_TIMEOUT = 60.0


Answer = Mapping[str, Any]
Ask = Callable[[Request], dict[str, Any]]
"""Calls a module on the host as whom its engine lets in."""


def look(
    ask: Ask,
    host: str,
    project: str,
    labels: Mapping[str, str],
    listeners: Sequence[Answer] | None = None,
) -> tuple[Sight, Sequence[Answer]]:
    """Return a host's size, what strangers take of it, and a project's containers; raise EngineError.

    With it comes who listens on the host's ports, which is asked for where it is not given.
    """
    args = {
        "api": NEWEST_API,
        "project": project,
        "label": naming.PROJECT,
        "needs": [naming.SERVICE, naming.SLOT],
        "prefix": "o8.",
        "listeners": listeners is None,
        "timeout": float(CALL_TIMEOUT),
    }
    answer = ask(Request(MODULE, args, timeout=_TIMEOUT))
    if answer.get("failed"):
        raise EngineError(engine_problem(host, "look at the containers", str(answer.get("msg")), UNANSWERED))
    heard = answer["listeners"] if listeners is None else listeners
    facts = sight.host_facts(
        host,
        answer["info"],
        labels,
        strangers=[sight.stranger(each) for each in answer["others"]],
        listeners=sight.listeners(heard, answer["others"]),
        images=answer["images"],
        project=project,
    )
    replicas = tuple(sight.replica(one, host) for one in answer["containers"])
    return Sight(facts, replicas, answer["date"]), heard
