"""The container's own health check, and the readiness that gates a rollout."""

from __future__ import annotations

import re
from typing import Any

from orchestr8.deploy.service import Readiness
from orchestr8.deploy.workload import Health
from orchestr8.language.services_node import LATER, ORDER, WRONG, Node
from orchestr8.language.services_table import read_table
from orchestr8.language.services_values import duration, each, flag, text, texts, whole, words

_KINDS = ("http", "tcp", "exec", "docker")
_CODES = re.compile(r"([1-5]\d\d)(?:-([1-5]\d\d))?")


def healthcheck(node: Node) -> Health:
    """Return the health check; `NONE` and `disable: true` switch the image's off."""
    readers = {
        "test": _test,
        "interval": duration,
        "timeout": duration,
        "retries": whole,
        "start_period": duration,
        "start_interval": duration,
        "disable": flag,
    }
    given = read_table(node, "`healthcheck`", readers)
    if given.get("test") == ("NONE",):
        return Health(disable=True)
    return Health(disable=True) if given.get("disable") else Health(**given)


def _test(node: Node) -> tuple[str, ...]:
    if isinstance(node.settled().value, str):
        return ("NONE",) if node.value == "NONE" else ("CMD-SHELL", str(node.value))
    test = texts(node)
    if not test or test[0] not in ("CMD", "CMD-SHELL", "NONE") or (test[0] != "NONE" and len(test) < 2):
        raise node.error(
            WRONG, "a test list begins with CMD, CMD-SHELL or NONE", 'test: ["CMD", "/app/health"]'
        )
    return test


def readiness(node: Node) -> Readiness:
    """Return the readiness check."""
    readers = {
        "http": text,
        "tcp": _port_or_true,
        "exec": words,
        "docker": flag,
        "port": port,
        "host": text,
        "expect": _expect,
        "interval": duration,
        "timeout": duration,
        "success_threshold": whole,
        "failure_threshold": whole,
        "from": _origin,
    }
    given = read_table(node, "`readiness`", readers)
    kinds = [k for k in _KINDS if k in node.mapping().value]
    if len(kinds) != 1:
        said = f"has {' and '.join(kinds)}" if kinds else "has none"
        raise node.error(WRONG, f"needs exactly one of {', '.join(_KINDS)}; it {said}")
    return _made(node, kinds[0], given)


def _made(node: Node, kind: str, given: dict[str, Any]) -> Readiness:
    value = given.pop(kind, None)
    if value is False:
        raise node.error(
            WRONG, f"`{kind}: false` checks nothing", "name another check, or leave readiness out"
        )
    extra: dict[str, Any] = {}
    if kind == "http" and value is not None:
        extra["path"] = _path(node, value)
    elif kind == "exec" and value is not None:
        extra["command"] = value
    elif kind == "tcp" and isinstance(value, int) and value is not True:
        extra["port"] = value
    renamed = {"host": "host_header", "from": "origin"}
    rest = {renamed.get(k, k): v for k, v in given.items()}
    for key in ("success_threshold", "failure_threshold"):
        if rest.get(key) == 0:
            raise node.child(key).wrong("a number above zero")
    return Readiness(kind=kind, **{**rest, **extra})  # type: ignore[arg-type]


def _path(node: Node, path: str) -> str:
    if not path.startswith("/"):
        raise node.error(WRONG, f"`{path}` is no path", 'it begins with a slash: "/healthz"')
    return path


def port(node: Node) -> int:
    """Return a port number."""
    number = whole(node)
    if not 1 <= number <= 65535:
        raise node.wrong("a port from 1 to 65535")
    return number


def _port_or_true(node: Node) -> int | bool:
    return node.value if isinstance(node.settled().value, bool) else port(node)


def _expect(node: Node) -> tuple[tuple[int, int], ...]:
    nodes = node.items() if isinstance(node.settled().value, list) else [node]
    return tuple(each(nodes, codes))


def codes(node: Node) -> tuple[int, int]:
    """Return a status code, or a range of them."""
    found = _CODES.fullmatch(text(node).replace(" ", ""))
    if found is None:
        raise node.wrong("a status code or a range, such as 200-399")
    low, high = int(found[1]), int(found[2] or found[1])
    if low > high:
        raise node.error(ORDER, f"{low} is above {high}")
    return low, high


def _origin(node: Node) -> str:
    if text(node) != "host":
        raise node.error(
            LATER, "readiness is checked from the container's host; nothing else is supported yet"
        )
    return "host"
