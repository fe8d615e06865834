"""Volumes, bind mounts and tmpfs in Compose's short and long forms."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from orchestr8.deploy.workload import Mount
from orchestr8.language.services_node import WRONG, Node
from orchestr8.language.services_table import read_table
from orchestr8.language.services_values import choice, each, flag, size, text, text_or_texts

_HINT = 'for instance "data:/var/lib/app" or "/srv/conf:/etc/app:ro"'
_VOLUME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]+")
_SHARING = ("z", "Z")
"""Who may use it where SELinux rules: several containers, or one."""
_OF_OTHERS = ("consistent", "cached", "delegated")
"""Options that have a meaning on machines other than Linux only."""
_PROPAGATION = ("private", "rprivate", "shared", "rshared", "slave", "rslave")


def mounts(node: Node) -> tuple[Mount, ...]:
    """Return what `volumes` mounts."""
    return tuple(each(node.items(), _one))


def tmpfs(node: Node) -> tuple[Mount, ...]:
    """Return what `tmpfs` mounts: `/run` or `/run:size=64m,mode=1777`."""
    return tuple(_tmpfs(node, line) for line in text_or_texts(node))


def _one(node: Node) -> Mount:
    mount = _long(node) if isinstance(node.settled().value, dict) else _short(node)
    if not mount.target.startswith("/"):
        raise node.error(WRONG, f"`{mount.target}` is no absolute path in the container", _HINT)
    if mount.type == "bind" and not mount.source.startswith("/"):
        hint = "a bind mount names a directory of the host by its absolute path"
        raise node.error(WRONG, f"`{mount.source}` is no absolute path", hint)
    if mount.type == "volume" and mount.source and not _VOLUME.fullmatch(mount.source):
        hint = "two or more letters, digits and _ . -, beginning with a letter or digit"
        raise node.error(WRONG, f"`{mount.source}` cannot be the name of a volume", hint)
    return mount


def _short(node: Node) -> Mount:
    parts = text(node).split(":")
    if len(parts) > 3 or not all(parts):
        raise node.error(WRONG, f"`{node.value}` is no volume", _HINT)
    if len(parts) == 1:
        return Mount("volume", parts[0])
    kind: Any = "bind" if parts[0][0] in "/.~" else "volume"
    mount = Mount(kind, parts[1], parts[0])
    for option in parts[2].split(",") if len(parts) == 3 else ():
        mount = _option(node, mount, option)
    return mount


def _option(node: Node, mount: Mount, option: str) -> Mount:
    if option in ("ro", "rw"):
        return replace(mount, read_only=option == "ro")
    if option == "nocopy":
        return replace(mount, nocopy=True)
    if option in _PROPAGATION:
        return replace(mount, propagation=option)
    if option in _SHARING:
        return replace(mount, selinux=option)
    if option in _OF_OTHERS:
        return mount
    hint = "there are ro, rw, nocopy, z, Z and propagations"
    raise node.error(WRONG, f"a volume has no option `{option}`", hint)


def _long(node: Node) -> Mount:
    bind = {
        "propagation": choice(*_PROPAGATION),
        "create_host_path": flag,
        "selinux": choice(*_SHARING),
    }
    inner = {
        "bind": lambda n: read_table(n, "`bind`", bind),
        "volume": lambda n: read_table(n, "`volume`", {"nocopy": flag}, {"subpath": ""}),
        "tmpfs": lambda n: read_table(n, "`tmpfs`", {"size": size, "mode": _mode}),
    }
    kinds = choice("volume", "bind", "tmpfs")
    plain = {"type": kinds, "source": text, "target": text, "read_only": flag}
    given = read_table(node, "a volume", {**plain, **inner}, {"consistency": ""})
    if "target" not in given or "type" not in given:
        raise node.error(WRONG, "a volume needs `type` and `target`", _HINT)
    extra = {**given.pop("bind", {}), **given.pop("volume", {}), **given.pop("tmpfs", {})}
    return Mount(**given, **extra)


def _mode(node: Node) -> int:
    word = text(node)
    if not word or any(c not in "01234567" for c in word) or len(word) > 5:
        raise node.wrong('an octal mode in quotes, such as "1777"')
    return int(word, 8)


def _tmpfs(node: Node, line: str) -> Mount:
    target, _, options = line.partition(":")
    mount = Mount("tmpfs", target)
    if not target.startswith("/"):
        raise node.error(WRONG, f"`{target}` is no absolute path in the container")
    for option in filter(None, options.split(",")):
        key, _, value = option.partition("=")
        part = Node(value, None, node.span, node.path, node.findings)
        if key == "size":
            mount = replace(mount, size=size(part))
        elif key == "mode":
            mount = replace(mount, mode=_mode(part))
        else:
            raise node.error(WRONG, f"tmpfs has no option `{key}`", "there are size and mode")
    return mount
