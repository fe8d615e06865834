"""Hooks of a service: ordinary tasks at named phases of its rollout."""

from __future__ import annotations

from orchestr8.language.services_node import WRONG, Node
from orchestr8.language.services_table import read_table

_LATER = {
    "pre_stop": "use `stop_signal` and `stop_grace_period`, or `pre_deploy`",
    "post_start": "use `readiness`, or `post_deploy`",
}


def hooks(node: Node) -> None:
    """Check the phases; their tasks are read with the play's own."""
    read_table(node, "`hooks`", dict.fromkeys(("pre_deploy", "post_deploy", "on_rollback"), _tasks), _LATER)


def _tasks(node: Node) -> None:
    if not isinstance(node.value, list):
        raise node.error(WRONG, "needs a list of tasks")
