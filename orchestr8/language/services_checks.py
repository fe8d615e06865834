"""The checks between the steps of a rollout."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from orchestr8.core.secret import Secret
from orchestr8.core.suggest import did_you_mean
from orchestr8.deploy.gate.check import VALUES, Check
from orchestr8.deploy.gate.expression import parse
from orchestr8.language.services_health import codes, port
from orchestr8.language.services_node import ORDER, WRONG, Node
from orchestr8.language.services_table import Readers, read_table
from orchestr8.language.services_values import choice, duration, each, secret_text, text, whole, words

_TIMING: Readers = {
    "name": text,
    "success": text,
    "failure": text,
    "interval": duration,
    "timeout": duration,
    "count": whole,
    "failure_limit": whole,
    "inconclusive_limit": whole,
    "deadline": duration,
}
_LEAST = 0.1
_TESTS = 60.0
"""Seconds that tests may take unless told otherwise."""


def checks(node: Node) -> tuple[Check, ...]:
    """Return the checks of a step: `readiness` alone needs none, for it always is one."""
    value = node.settled().value
    nodes = node.items() if isinstance(value, list | tuple) else [node]
    return tuple(found for found in each(nodes, _check) if found is not None)


def _check(node: Node) -> Check | None:
    value = node.settled().value
    if value is None or (isinstance(value, str) and value.strip() == "readiness"):
        return None
    if not isinstance(value, dict):
        raise node.wrong(f"readiness, or a check by {', '.join(_KINDS)}")
    kinds = [k for k in _KINDS if k in value]
    if len(kinds) != 1:
        said = f"has {' and '.join(kinds)}" if kinds else "has none"
        raise node.error(WRONG, f"needs exactly one of {', '.join(_KINDS)}; it {said}")
    kind = kinds[0]
    given = read_table(node, f"a check by {kind}", {**_TIMING, **_KINDS[kind]})
    asked = [k for k, v in value.items() if v is not None and not str(k).startswith("x-")]
    return _made(node, kind, given) if len(given) == len(asked) else None


def _made(node: Node, kind: Any, given: dict[str, Any]) -> Check:
    target = given.pop(kind)
    where: dict[str, Any] = {"command": target} if kind == "exec" else {"target": target}
    if kind == "ingress":
        where = {"minimum": given.pop("minimum", 100), "baseline": given.pop("compare", "") == "stable"}
    origin = given.pop("from", "container" if kind == "exec" else "host")
    if kind in ("prometheus", "testinfra", "ingress") or (kind == "http" and not target.startswith("/")):
        origin = "controller"
    if kind == "testinfra":
        given.setdefault("timeout", _TESTS)
    found = Check(kind, **where, origin=origin, **given)
    _fit(node, found)
    return found


def _fit(node: Node, check: Check) -> None:
    """Note what does not make sense together."""
    if check.kind in ("prometheus", "ingress") and not (check.success or check.failure):
        node.error(ORDER, "needs `success` or `failure`: what is asked for says nothing by itself")
    if check.kind == "prometheus" and not check.query:
        node.error(WRONG, "needs `query`")
    for key, least in (("interval", _LEAST), ("timeout", _LEAST), ("count", 1)):
        if getattr(check, key) < least:
            node.child(key).wrong("more than that")
    if check.count and max(check.failure_limit, check.inconclusive_limit) >= check.count:
        limit = "failure_limit" if check.failure_limit >= check.count else "inconclusive_limit"
        node.error(ORDER, f"`{limit}` of {getattr(check, limit)} allows all {check.count} samples to be so")
    for key in ("success", "failure"):
        if getattr(check, key):
            _condition(node.child(key), check)


def _condition(node: Node, check: Check) -> None:
    """Note a condition that cannot be read, or that speaks of what is not measured."""
    try:
        found = parse(str(node.value))
    except ValueError as error:
        node.error(WRONG, f"is no condition: {error}", f"such as `{VALUES[check.kind][0]} < 10`")
        return
    known = VALUES[check.kind]
    for name in sorted(found.names - set(known)):
        hint = did_you_mean(name, known) or f"there are {', '.join(known)}"
        node.error(WRONG, f"a check by {check.kind} does not measure `{name}`", hint)


def _where(node: Node) -> str:
    """Return a path, asked of every new replica, or a URL, asked by the controller."""
    given = text(node)
    return given if given.startswith("/") else _url(node)


def _url(node: Node) -> str:
    given = text(node)
    parts = urlsplit(given)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise node.wrong("an address that begins with http:// or https://")
    return given


def _headers(node: Node) -> dict[str, str | Secret]:
    return {key: secret_text(child) for key, child in node.fields()}


def _expect(node: Node) -> tuple[tuple[int, int], ...]:
    nodes = node.items() if isinstance(node.settled().value, list) else [node]
    return tuple(each(nodes, codes))


def _command(node: Node) -> tuple[str, ...]:
    found = words(node)
    if not found:
        raise node.wrong("a command")
    return found


def _yes(node: Node) -> str:
    if node.settled().value is not True:
        raise node.wrong("true", "conditions stand in `success` and `failure`")
    return ""


_KINDS: dict[str, dict[str, Callable[[Node], Any]]] = {
    "http": {"http": _where, "port": port, "headers": _headers, "expect": _expect},
    "exec": {"exec": _command, "from": choice("container", "host", "controller")},
    "prometheus": {"prometheus": _url, "query": text, "headers": _headers},
    "testinfra": {"testinfra": text, "content": text},
    "ingress": {"ingress": _yes, "minimum": whole, "compare": choice("stable")},
}
