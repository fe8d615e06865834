"""Compose's `deploy`, brought to the same terms as our own keys."""

from __future__ import annotations

from typing import Any

from orchestr8.deploy.workload import Restart
from orchestr8.language.services_node import Node
from orchestr8.language.services_placement import placement, resources
from orchestr8.language.services_table import read_table
from orchestr8.language.services_update import update_config
from orchestr8.language.services_values import choice, whole

_POLICIES = {"none": "no", "on-failure": "on-failure", "any": "always"}


def deploy(node: Node) -> dict[str, Any]:
    """Return the settings by the names of our own keys, which win where both are given."""
    readers = {
        "mode": _mode,
        "replicas": whole,
        "placement": placement,
        "resources": resources,
        "update_config": update_config,
        "restart_policy": _restart,
    }
    later = {
        "endpoint_mode": "",
        "rollback_config": "a rollback follows `update`",
        "labels": "use the service's `labels`",
    }
    given = read_table(node, "`deploy`", readers, later)
    names = {"update_config": "update", "restart_policy": "restart"}
    return {names.get(key, key): value for key, value in given.items()}


def _mode(node: Node) -> str:
    word = choice("replicated", "global", "replicated-job")(node)
    return "job" if word == "replicated-job" else word


def _restart(node: Node) -> Restart:
    readers = {"condition": choice(*_POLICIES), "max_attempts": whole}
    given = read_table(node, "`restart_policy`", readers, {"delay": "", "window": ""})
    name = _POLICIES[given.get("condition", "any")]
    return Restart(name, given.get("max_attempts", 0) if name == "on-failure" else 0)  # type: ignore[arg-type]
