"""The steps of a canary or blue-green rollout."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from orchestr8.deploy.service import Amount, Step
from orchestr8.language.services_checks import checks
from orchestr8.language.services_node import WRONG, Node, Unreadable
from orchestr8.language.services_values import duration, each, text

TASKS = "tasks of step"
_AMOUNT = re.compile(r"(\d{1,6})\s*(%?)")


def amount(node: Node) -> Amount:
    """Return a number of replicas or a percentage."""
    found = _AMOUNT.fullmatch(text(node).strip())
    if found is None:
        raise node.wrong('a number or a percentage, such as 1 or "25%"')
    return Amount(int(found[1]), found[2] == "%")


def steps(node: Node) -> tuple[Step, ...]:
    """Return the steps in their order; a later `scale` never asks for less than one before."""
    made = tuple(each(node.items(), _step))
    if len(made) < len(node.value):
        return made
    if not made:
        raise node.wrong("at least one step")
    _growing(node, made)
    return made


def _growing(node: Node, made: tuple[Step, ...]) -> None:
    """Note a scale that takes back what one before has asked for; numbers and shares do not compare."""
    most: dict[bool, int] = {}
    for index, step in enumerate(made):
        if step.amount is None:
            continue
        if step.amount.count < most.get(step.amount.percent, 0):
            node.item(index).error(WRONG, f"{step} takes back what a step before has asked for")
        most[step.amount.percent] = max(step.amount.count, most.get(step.amount.percent, 0))


def _step(node: Node) -> Step:
    keys = list(node.mapping().value)
    if len(keys) != 1:
        raise node.wrong("one of scale, weight, pause, check, run with its value, such as `scale: 25%`")
    key = str(keys[0])
    if key not in _READERS:
        node.unknown_key(key, tuple(_READERS), "a step")
        raise Unreadable("noted already")
    made: Step = _READERS[key](node.child(key))
    return made


def _scale(node: Node) -> Step:
    wanted = amount(node)
    if not wanted.count or (wanted.percent and wanted.count > 100):
        raise node.wrong("a number above zero, or a percentage up to 100%")
    return Step("scale", wanted)


def _weight(node: Node) -> Step:
    found = _AMOUNT.fullmatch(text(node).strip())
    if found is None or int(found[1]) > 100:
        raise node.wrong("a share of requests from 0 to 100")
    return Step("weight", weight=int(found[1]))


def _pause(node: Node) -> Step:
    approval = isinstance(node.settled().value, str) and node.value.strip() == "approval"
    return Step("pause", seconds=None if approval else duration(node))


def _check(node: Node) -> Step:
    return Step("check", checks=checks(node))


def _run(node: Node) -> Step:
    """Return the step of tasks; they are read with the play's own, so only their name comes here."""
    if isinstance(node.value, str) and node.value.startswith(TASKS):
        return Step("run", name=node.value)
    if not isinstance(node.value, list) or not node.value:
        raise node.error(WRONG, "needs a list of tasks")
    return Step("run", name=TASKS)


def written_tasks(service: Any) -> Iterator[tuple[str, list[Any]]]:
    """Yield the names and the tasks of a service's `run` steps."""
    for number, step in enumerate(_written(service), 1):
        if isinstance(step, Mapping) and isinstance(step.get("run"), list):
            yield f"{TASKS} {number}", step["run"]


def without_tasks(service: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a service as written with names in the place of the tasks of its `run` steps."""
    if not any(written_tasks(service)):
        return service
    steps = [
        {"run": f"{TASKS} {number}"} if isinstance(step, Mapping) and "run" in step else step
        for number, step in enumerate(_written(service), 1)
    ]
    return {**service, "update": {**service["update"], "steps": steps}}


def _written(service: Any) -> list[Any]:
    update = service.get("update") if isinstance(service, Mapping) else None
    listed = update.get("steps") if isinstance(update, Mapping) else None
    return listed if isinstance(listed, list) else []


_READERS: dict[str, Any] = {"scale": _scale, "weight": _weight, "pause": _pause, "check": _check, "run": _run}
