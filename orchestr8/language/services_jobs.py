"""Jobs: services that run to their end; what has a meaning for them, and who may wait for their end."""

from __future__ import annotations

from typing import Any

from orchestr8.deploy.calendar import calendar
from orchestr8.deploy.service import ServiceSpec, Update
from orchestr8.language.services_node import NEEDS, ORDER, WRONG, Node
from orchestr8.language.services_values import text

_DEADLINE = "progress_deadline"
_MEANINGLESS = {
    "readiness": "a job is done when it has exited with code 0",
    "ingress": "nothing is routed to what comes to an end",
}


def schedule(node: Node) -> str:
    """Return when a job runs, as a calendar expression of systemd."""
    written = text(node)
    try:
        calendar(written)
    except ValueError as error:
        raise node.error(
            WRONG, f"{error}", "as systemd's OnCalendar: Mon..Fri *-*-* 03:00, or daily"
        ) from None
    return written


def check_job(node: Node, spec: ServiceSpec, given: dict[str, Any]) -> None:
    """Note what has no meaning for a job, or would have it run a second time."""
    for key, why in _MEANINGLESS.items():
        if key in given:
            node.child(key).error(ORDER, f"`{key}` has no meaning for a job", why)
    if "restart" in given and given["restart"].name != "no":
        hint = 'leave `restart` out, or write "no"; a job that failed runs again with the next `o8 run`'
        node.child("restart").error(ORDER, "a job runs once, so the engine must not start it again", hint)
    if spec.placement.on_unreachable == "replace":
        text = (
            "`on_unreachable: replace` could run a job twice: whether it has run on the lost host is unknown"
        )
        node.error(ORDER, text, "use fail or skip")


def update_of_job(node: Node, given: dict[str, Any]) -> Update:
    """Return the update of a job, whose only setting is how long it may take."""
    for key in sorted(given.keys() - {_DEADLINE}):
        text = f"`{key}` has no meaning for a job: it is never replaced while it runs"
        node.error(ORDER, text, f"`{_DEADLINE}` says how long it may take")
    return Update(progress_deadline=given.get(_DEADLINE, Update().progress_deadline))


def check_completions(root: Node) -> None:
    """Note services that wait for the end of one that has none."""
    modes = {name: _mode(node) for name, node in root.fields()}
    for _, node in root.fields():
        needs = node.value.get("depends_on") if isinstance(node.value, dict) else None
        for name, need in needs.items() if isinstance(needs, dict) else ():
            asked = need.get("condition") if isinstance(need, dict) else None
            endless = modes.get(str(name)) in ("replicated", "global")
            if asked == "service_completed_successfully" and endless:
                place = node.child("depends_on").child(str(name))
                place.error(
                    NEEDS, f"`{name}` never completes: it is no job", "use service_healthy, or `mode: job`"
                )


def _mode(node: Node) -> str:
    """Return a service's mode as written; a template says nothing."""
    if not isinstance(node.value, dict):
        return ""
    inner = node.value.get("deploy")
    below = inner.get("mode") if isinstance(inner, dict) else None
    return str(node.value.get("mode") or below or "replicated")
