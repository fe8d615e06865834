"""The workload keys of a service: Compose's names and meanings."""

from __future__ import annotations

import re
from collections.abc import Mapping as Map
from functools import partial
from typing import Any

from orchestr8.core.secret import Secret
from orchestr8.deploy.workload import Attachment, Restart
from orchestr8.language.services_health import healthcheck
from orchestr8.language.services_known import capabilities, memory, names, namespace, signal, ulimits
from orchestr8.language.services_mounts import mounts, tmpfs
from orchestr8.language.services_node import AMBIGUOUS, WRONG, Node
from orchestr8.language.services_ports import ports
from orchestr8.language.services_table import Readers, read_table
from orchestr8.language.services_values import (
    choice,
    decimal,
    duration,
    each,
    flag,
    pairs,
    plain,
    secret_text,
    size,
    text,
    text_or_texts,
    texts,
    whole,
    words,
)

_VARIABLE = re.compile(r"[^=\0]+")
_RESTART = re.compile(r"(no|always|unless-stopped|on-failure)(?::(\d+))?")
_NO_ENVIRONMENT = "a value; values are never taken from the controller's environment"


def environment(node: Node) -> dict[str, str | Secret]:
    """Return variables from a mapping or a list of `NAME=value`."""
    if isinstance(node.settled().value, dict):
        found = {key: list(each([child], _variable)) for key, child in node.fields() if not _bad(node, key)}
        return {key: values[0] for key, values in found.items() if values}
    return dict(each(node.items(), _line))


def _bad(node: Node, name: str) -> bool:
    if _VARIABLE.fullmatch(name):
        return False
    node.error(WRONG, f"`{name}` is no name of a variable")
    return True


def _variable(node: Node) -> str | Secret:
    if node.value is None:
        raise node.error(
            WRONG, f"needs {_NO_ENVIRONMENT}", "use \"\" for empty, lookup('env', …) for the controller's"
        )
    return secret_text(node)


def _line(node: Node) -> tuple[str, str]:
    name, equals, value = text(node).partition("=")
    if not equals or not name:
        raise node.error(WRONG, f"`{name}` needs {_NO_ENVIRONMENT}", f'for instance "{name}=value"')
    return name, value


def _labels(node: Node) -> dict[str, str]:
    found = pairs()(node)
    for name in found:
        if name.startswith("o8."):
            node.error(
                WRONG, f"the label `{name}` is reserved", "labels beginning with `o8.` mark what is ours"
            )
    return found


def _restart(node: Node) -> Restart:
    if node.settled().value is False:
        raise node.error(AMBIGUOUS, "YAML reads `no` as false", 'write restart: "no"')
    found = _RESTART.fullmatch(text(node))
    if found is None or (found[2] and found[1] != "on-failure"):
        raise node.wrong("no, always, unless-stopped, on-failure or on-failure:N")
    return Restart(found[1], int(found[2] or 0))  # type: ignore[arg-type]


def _networks(node: Node) -> tuple[Attachment, ...]:
    if isinstance(node.settled().value, dict):
        return tuple(a for name, child in node.fields() for a in each([child], partial(_network, name)))
    return tuple(Attachment(name) for name in names(node))


def _network(name: str, node: Node) -> Attachment:
    if node.value is None:
        return Attachment(name)
    later = dict.fromkeys(("ipv4_address", "ipv6_address", "mac_address", "priority", "driver_opts"), "")
    return Attachment(name, read_table(node, "a network", {"aliases": texts}, later).get("aliases", ()))


def _logging(node: Node) -> dict[str, Any]:
    given = read_table(node, "`logging`", {"driver": text, "options": pairs()})
    return {"log_driver": given.get("driver", ""), "log_options": given.get("options", {})}


def _extra_hosts(node: Node) -> tuple[str, ...]:
    return tuple(f"{name}:{address}" for name, address in pairs("=:")(node).items())


def _image(node: Node) -> str:
    word = text(node).strip()
    if not word or re.search(r"\s", word) or word.startswith("-"):
        raise node.wrong('an image such as "registry.example/app:1.2"')
    return word


def _user(node: Node) -> str:
    return text(plain(node))


WORKLOAD: Readers = {
    "image": _image,
    "command": words,
    "entrypoint": words,
    "environment": environment,
    "labels": _labels,
    "ports": ports,
    "volumes": mounts,
    "tmpfs": tmpfs,
    "networks": _networks,
    "network_mode": namespace(),
    "user": _user,
    "working_dir": text,
    "hostname": text,
    "init": flag,
    "privileged": flag,
    "read_only": flag,
    "tty": flag,
    "stdin_open": flag,
    "cap_add": capabilities,
    "cap_drop": capabilities,
    "security_opt": texts,
    "devices": texts,
    "group_add": texts,
    "extra_hosts": _extra_hosts,
    "dns": text_or_texts,
    "dns_search": text_or_texts,
    "sysctls": pairs(),
    "ulimits": ulimits,
    "shm_size": size,
    "pid": namespace("host"),
    "ipc": namespace("host", "none", "private", "shareable"),
    "platform": text,
    "logging": _logging,
    "healthcheck": healthcheck,
    "stop_signal": signal,
    "stop_grace_period": duration,
    "restart": _restart,
    "pull_policy": choice("missing", "always", "never", "if_not_present"),
    "cpus": decimal,
    "mem_limit": memory,
    "mem_reservation": size,
    "pids_limit": whole,
}
_RENAMED = {"volumes": "mounts", "stop_grace_period": "stop_grace"}
_LIMITS = {"cpus": "cpus", "mem_limit": "memory", "pids_limit": "pids", "restart": "restart"}
_ELSEWHERE = frozenset([*_LIMITS, "pull_policy", "mem_reservation", "tmpfs", "logging"])


def workload_fields(given: Map[str, Any]) -> dict[str, Any]:
    """Return the fields of a Workload, limits aside, from the keys that were read."""
    found = {_RENAMED.get(k, k): v for k, v in given.items() if k in WORKLOAD and k not in _ELSEWHERE}
    found["mounts"] = (*found.get("mounts", ()), *given.get("tmpfs", ()))
    return {**found, **given.get("logging", {})}


def limit_fields(given: Map[str, Any]) -> dict[str, Any]:
    """Return the fields of Limits that Compose keeps at the service's top level."""
    return {name: given[key] for key, name in _LIMITS.items() if key in given}
