"""Compose keys that few services need: names, scheduling, namespaces, rarely used options of the engine."""

from __future__ import annotations

import re
from collections.abc import Mapping as Map
from typing import Any

from orchestr8.deploy.workload import Tuning
from orchestr8.language.services_node import PORT, WRONG, Node
from orchestr8.language.services_table import Readers
from orchestr8.language.services_values import each, flag, pairs, text, text_or_texts, texts, whole

_EXPOSED = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?(?:/(tcp|udp|sctp))?")
_CPUS = re.compile(r"\d+(-\d+)?(,\d+(-\d+)?)*")


def _expose(node: Node) -> tuple[str, ...]:
    return tuple(port for ports in each(node.items(), _exposed) for port in ports)


def _exposed(node: Node) -> list[str]:
    found = _EXPOSED.fullmatch(text(node))
    first, last = (int(found[1]), int(found[2] or found[1])) if found else (0, 0)
    if found is None or not 1 <= first <= last <= 65535:
        raise node.error(PORT, f"`{node.value}` is no port", 'for instance "9000" or "9000-9002/udp"')
    return [f"{port}/{found[3] or 'tcp'}" for port in range(first, last + 1)]


def _cpuset(node: Node) -> str:
    word = text(node)
    if not _CPUS.fullmatch(word):
        raise node.error(WRONG, f"`{word}` names no processors", 'for instance "0-3,5"')
    return word


def _score(node: Node) -> int:
    value = node.settled().value
    if type(value) is not int or not -1000 <= value <= 1000:
        raise node.wrong("a whole number from -1000 to 1000")
    return value


TUNING: Readers = {
    "domainname": text,
    "expose": _expose,
    "dns_opt": text_or_texts,
    "cpu_shares": whole,
    "cpuset": _cpuset,
    "oom_score_adj": _score,
    "oom_kill_disable": flag,
    "userns_mode": text,
    "uts": text,
    "runtime": text,
    "cgroup_parent": text,
    "device_cgroup_rules": texts,
    "storage_opt": pairs(),
}


def tuning(given: Map[str, Any]) -> Tuning:
    """Return the settings from the keys that were read."""
    return Tuning(**{key: given[key] for key in TUNING if key in given})
