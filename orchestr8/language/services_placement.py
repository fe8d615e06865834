"""Where a service may and should run, what it needs there, and what it depends on."""

from __future__ import annotations

from typing import Any

from orchestr8.core.suggest import did_you_mean
from orchestr8.deploy.placement.constraints import attribute_name, parse
from orchestr8.deploy.service import Affinity, Constraint, Dependency, Placement, Reservations, Spread
from orchestr8.language.services_known import memory
from orchestr8.language.services_node import CONSTRAINT, NEEDS, WRONG, Node, Unreadable
from orchestr8.language.services_table import read_table
from orchestr8.language.services_values import choice, decimal, each, flag, size, text, whole

_BELONGING = {"spread": {"max_skew", "required"}, "affinity": {"weight"}, "pack": set[str]()}
"""The kinds of preferences, and what may stand beside each."""


def placement(node: Node) -> Placement:
    """Return the placement."""
    readers = {
        "hosts": text,
        "constraints": lambda n: tuple(each(n.items(), _constraint)),
        "preferences": lambda n: tuple(each(n.items(), _preference)),
        "max_replicas_per_node": whole,
        "on_unreachable": choice("fail", "skip", "replace"),
    }
    given = read_table(node, "`placement`", readers)
    preferences = given.pop("preferences", ())
    return Placement(
        hosts=given.get("hosts", ""),
        constraints=given.get("constraints", ()),
        spreads=tuple(p for p in preferences if isinstance(p, Spread)),
        affinities=tuple(p for p in preferences if isinstance(p, Affinity)),
        pack=any(p is True for p in preferences),
        max_per_host=given.get("max_replicas_per_node", 0),
        on_unreachable=given.get("on_unreachable", "fail"),
    )


def _constraint(node: Node) -> Constraint:
    try:
        return parse(text(node))
    except ValueError as error:
        raise node.error(CONSTRAINT, str(error)) from None


def _attribute(node: Node) -> str:
    try:
        return attribute_name(text(node))
    except ValueError as error:
        raise node.error(CONSTRAINT, str(error)) from None


def _weight(node: Node) -> int:
    value = node.settled().value
    if not isinstance(value, int) or isinstance(value, bool) or not -100 <= value <= 100:
        raise node.wrong("a whole number from -100 to 100")
    return value


def _preference(node: Node) -> Spread | Affinity | bool:
    """Return a preference; True stands for the wish to pack."""
    readers = {
        "spread": _attribute,
        "max_skew": whole,
        "required": flag,
        "affinity": _constraint,
        "weight": _weight,
        "pack": flag,
    }
    given = read_table(node, "a preference", readers)
    keys = set(node.mapping().value)
    if len(kind := keys & _BELONGING.keys()) != 1:
        raise node.error(WRONG, "a preference is either a `spread`, an `affinity` or `pack: true`")
    if odd := keys - kind - _BELONGING[min(kind)]:
        raise node.error(WRONG, f"`{min(odd)}` does not belong to this kind of preference")
    if "pack" in given:
        return bool(given["pack"])
    if "affinity" in given:
        return Affinity(given["affinity"], given.get("weight", 50))
    if "spread" not in given:
        raise Unreadable("noted already")
    return _spread(node, given)


def _spread(node: Node, given: dict[str, Any]) -> Spread:
    if given.get("max_skew") == 0:
        raise node.child("max_skew").wrong("a number above zero")
    return Spread(given["spread"], given.get("max_skew", 1), given.get("required", False))


def resources(node: Node) -> dict[str, Any]:
    """Return limits by name, and reservations."""
    limits = {"cpus": decimal, "memory": memory, "pids": whole}
    readers = {
        "limits": lambda n: read_table(n, "`limits`", limits),
        "reservations": lambda n: read_table(
            n, "`reservations`", {"cpus": decimal, "memory": size}, {"devices": "", "generic_resources": ""}
        ),
    }
    given = read_table(node, "`resources`", readers)
    found: dict[str, Any] = dict(given.get("limits", {}))
    return {**found, "reservations": Reservations(**given.get("reservations", {}))}


def depends_on(node: Node) -> tuple[Dependency, ...]:
    """Return the dependencies; a plain list waits for the start only, as Compose has it."""
    if isinstance(node.settled().value, list | tuple):
        return tuple(Dependency(name, "service_started") for name in each(node.items(), text))
    return tuple(each((child for _, child in node.fields()), _dependency))


def _dependency(node: Node) -> Dependency:
    name = node.path.rsplit(".", 1)[-1]
    readers = {"condition": _condition, "required": flag}
    given = read_table(node, "a dependency", readers, {"restart": ""})
    return Dependency(name, given.get("condition", "service_started"), given.get("required", True))


def _condition(node: Node) -> str:
    return choice("service_started", "service_healthy", "service_completed_successfully")(node)


def check_needs(node: Node, needs: tuple[Dependency, ...], known: frozenset[str]) -> None:
    """Note dependencies on services that do not exist, or on itself."""
    own = node.path.split(".", 2)[1] if "." in node.path else node.path
    place = node.child("depends_on") if needs else node
    for need in needs:
        if need.service == own:
            place.error(NEEDS, "a service cannot depend on itself")
        elif need.service not in known and need.required:
            place.error(
                NEEDS, f"there is no service `{need.service}`", did_you_mean(need.service, known - {own})
            )
