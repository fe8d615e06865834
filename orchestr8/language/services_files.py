"""Configs and secrets of a service: small files mounted read-only, kept with each revision.

A config comes from a file of the controller (`source`, a template when it ends with .j2) or is written
out (`content`); a secret is the value of a variable (`source`), a file (`file`), or written out. Where it
comes from is looked up before a service is read, so that `content` stands here once it is rendered.
"""

from __future__ import annotations

from typing import Any, Literal

from orchestr8.core.secret import Secret
from orchestr8.deploy.workload import Attached
from orchestr8.language.services_node import ORDER, WRONG, Node, Unreadable
from orchestr8.language.services_table import Readers, read_table
from orchestr8.language.services_values import each, secret_text, text, whole

Kind = Literal["configs", "secrets"]
_MOST = 512 * 1024
_ORIGINS = {"configs": ("source", "content"), "secrets": ("source", "file", "content")}


def configs(node: Node) -> dict[str, Attached]:
    """Return configs by their paths in the container."""
    return _all(node, "configs")


def secrets(node: Node) -> dict[str, Attached]:
    """Return secrets by their paths in the container."""
    return _all(node, "secrets")


def env_files(node: Node) -> None:
    """Check `env_file`; its variables are part of `environment` before a service is read."""
    for item in node.items() if isinstance(node.settled().value, list | tuple) else [node]:
        if isinstance(item.value, dict):
            given = read_table(item, "`env_file`", {"path": text, "required": _any, "format": text})
            if given.get("format", "raw") != "raw":
                raise item.child("format").wrong("raw, or no `format`")
            if "path" not in item.value:
                raise item.error(WRONG, "needs `path`")
        else:
            text(item)


def _any(node: Node) -> Any:
    return node.value


def _all(node: Node, kind: Kind) -> dict[str, Attached]:
    found: dict[str, Attached] = {}
    for target, file in each(node.items(), lambda item: _one(item, kind)):
        if target in found:
            node.error(ORDER, f"two files would be mounted at {target}")
        found[target] = file
    return found


def _one(node: Node, kind: Kind) -> tuple[str, Attached]:
    if not isinstance(node.settled().value, dict):
        text(node)
        raise Unreadable("named only, so there is nothing to read before it was looked up")
    origins: Readers = dict.fromkeys(_ORIGINS[kind], text) | {"content": secret_text}
    given = read_table(node, f"one of `{kind}`", {**origins, "target": text, "mode": _mode, **_OWNER})
    named = [key for key in _ORIGINS[kind] if key in node.value]
    if not named or (len(named) > 1 and "content" not in named):
        raise node.error(WRONG, f"needs one of {', '.join(_ORIGINS[kind])}")
    target = _target(node, kind, given)
    if "content" not in given:
        raise Unreadable("not looked up yet")
    content = _content(node, given["content"], kind)
    return target, Attached(content, given.get("mode", 0o444), given.get("uid", 0), given.get("gid", 0))


def _target(node: Node, kind: Kind, given: dict[str, Any]) -> str:
    source = given.get("source") or given.get("file") or ""
    name = str(given.get("target") or source.rpartition("/")[2].removesuffix(".j2"))
    if not name:
        raise node.error(WRONG, "needs `target`, the path in the container")
    path = name if name.startswith("/") else f"{'/run/secrets' if kind == 'secrets' else ''}/{name}"
    if ".." in path.split("/") or path.endswith("/"):
        raise node.error(WRONG, f"`{path}` is no path of a file")
    return path


def _content(node: Node, value: str | Secret, kind: Kind) -> str | Secret:
    plain = value.reveal() if isinstance(value, Secret) else value
    if len(plain.encode("utf-8", "surrogatepass")) > _MOST:
        raise node.error(WRONG, "is larger than 512K", "put large files on the hosts by a task, mount them")
    try:
        plain.encode()
    except UnicodeEncodeError:
        hint = "put it on the hosts by a task and mount it"
        raise node.error(WRONG, "is no text in UTF-8", hint) from None
    return Secret(plain) if kind == "secrets" else value


def _mode(node: Node) -> int:
    value, width = node.settled().value, node.span.width if node.span else 0
    octal = type(value) is int and value is node.written and width == len(f"0{value:o}")
    word = f"{value:o}" if octal else text(node)
    if not word or len(word) > 5 or any(c not in "01234567" for c in word) or int(word, 8) > 0o777:
        raise node.wrong('permissions, such as "0440"')
    return int(word, 8)


_OWNER: Readers = {"uid": whole, "gid": whole}
