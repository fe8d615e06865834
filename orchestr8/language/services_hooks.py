"""Hooks of a service: ordinary tasks at named phases of its rollout."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from orchestr8.language.services_node import WRONG, Node
from orchestr8.language.services_table import read_table

PHASES = ("pre_deploy", "post_start", "pre_stop", "post_deploy", "on_rollback")


def hooks(node: Node) -> tuple[str, ...]:
    """Return the phases that have tasks, after a check; the tasks are read with the play's own."""
    return tuple(read_table(node, "`hooks`", dict.fromkeys(PHASES, _tasks)))


def phases(written: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the phases of a service as written that have tasks."""
    given = written.get("hooks")
    return tuple(p for p in PHASES if given.get(p)) if isinstance(given, Mapping) else ()


def _tasks(node: Node) -> bool:
    if not isinstance(node.value, list):
        raise node.error(WRONG, "needs a list of tasks")
    return True
