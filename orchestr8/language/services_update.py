"""How a service is updated: our `update`, and Compose's `update_config` brought to the same terms."""

from __future__ import annotations

from typing import Any

from orchestr8.deploy.service import Amount, Update
from orchestr8.language.services_node import ORDER, Node
from orchestr8.language.services_steps import amount, steps
from orchestr8.language.services_table import read_table
from orchestr8.language.services_values import choice, duration, whole


def update(node: Node) -> dict[str, Any]:
    """Return the settings given under `update`, by the names of `Update`."""
    readers = {
        "strategy": choice("rolling", "canary", "blue_green", "recreate"),
        "max_surge": amount,
        "max_unavailable": amount,
        "min_healthy_time": duration,
        "healthy_deadline": duration,
        "progress_deadline": duration,
        "max_failures": whole,
        "on_failure": choice("rollback", "pause", "continue"),
        "retain": _retain,
        "steps": steps,
    }
    given = read_table(node, "`update`", readers)
    retained = given.pop("retain", {})
    return {**given, **retained}


def update_config(node: Node) -> dict[str, Any]:
    """Return Compose's update_config by the names of `Update`."""
    readers = {
        "parallelism": whole,
        "order": choice("start-first", "stop-first"),
        "delay": duration,
        "monitor": duration,
        "failure_action": choice("rollback", "pause", "continue"),
    }
    given = read_table(node, "`update_config`", readers, {"max_failure_ratio": "use `update.max_failures`"})
    number = (
        Amount(given["parallelism"] or 100, given["parallelism"] == 0)
        if "parallelism" in given
        else Amount(1)
    )
    found: dict[str, Any] = {}
    if "parallelism" in given or "order" in given:
        first = given.get("order", "stop-first") == "start-first"
        found["max_surge"] = number if first else Amount(0)
        found["max_unavailable"] = Amount(0) if first else number
    if "monitor" in given or "delay" in given:
        found["min_healthy_time"] = max(given.get("monitor", 0.0), given.get("delay", 0.0))
    if "failure_action" in given:
        found["on_failure"] = given["failure_action"]
    return found


def _retain(node: Node) -> dict[str, Any]:
    given = read_table(node, "`retain`", {"running": duration, "stopped": whole})
    return {f"retain_{name}": value for name, value in given.items()}


def complete(node: Node, given: dict[str, Any], *, exclusive: bool) -> Update:
    """Return the update with defaults, after checking that its parts fit together."""
    if exclusive and "max_unavailable" not in given:
        given = {"max_unavailable": Amount(1), **given, "max_surge": Amount(0)}
    made = Update(**given)
    if exclusive and not made.max_unavailable.count and made.strategy == "rolling":
        text_ = "a fixed host port or writable volume has one holder at a time, the old one stops first"
        node.error(ORDER, f"`max_unavailable: 0` cannot be kept: {text_}", "set max_unavailable: 1")
    elif not made.max_surge.count and not made.max_unavailable.count and made.strategy == "rolling":
        node.error(ORDER, "with `max_surge` and `max_unavailable` both 0 nothing can ever be replaced")
    if made.max_unavailable.percent and made.max_unavailable.count > 100:
        node.error(ORDER, "`max_unavailable` cannot be more than 100%")
    _deadlines(node, made)
    _steps_fit(node, made, exclusive=exclusive)
    return made


def _steps_fit(node: Node, made: Update, *, exclusive: bool) -> None:
    """Note settings that the strategy gives no meaning to."""
    if made.steps and not made.stepwise:
        node.error(ORDER, f"`steps` have no meaning with {made.strategy}", "use canary or blue_green")
    if made.retain_running and made.strategy != "blue_green":
        node.error(ORDER, "old replicas are kept running with blue_green only")
    if made.stepwise and made.on_failure == "continue":
        text = f"`on_failure: continue` has no meaning with {made.strategy}"
        node.error(ORDER, text, "use rollback or pause")
    if exclusive and made.strategy == "blue_green":
        text = "a fixed host port or writable volume has one holder at a time, two sets cannot live together"
        node.error(ORDER, f"blue_green cannot be kept: {text}", "use rolling or canary")


def _deadlines(node: Node, made: Update) -> None:
    if made.min_healthy_time >= made.healthy_deadline:
        first = f"min_healthy_time ({made.min_healthy_time:g}s)"
        node.error(ORDER, f"{first} has to be less than healthy_deadline ({made.healthy_deadline:g}s)")
    if made.healthy_deadline >= made.progress_deadline:
        first = f"healthy_deadline ({made.healthy_deadline:g}s)"
        node.error(ORDER, f"{first} has to be less than progress_deadline ({made.progress_deadline:g}s)")
