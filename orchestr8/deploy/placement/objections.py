"""Why hosts were refused, in one line."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping


def reason(objection: str) -> str:
    """Return an objection of the form `kind|detail` as text."""
    kind, _, detail = objection.partition("|")
    return f"{kind} ({detail})" if detail else kind


def summary(rejected: Mapping[str, str]) -> str:
    """Return the objections counted by kind: `insufficient memory on 3 hosts; cordoned on h4`."""
    kinds: dict[str, list[str]] = defaultdict(list)
    for host, objection in sorted(rejected.items()):
        kinds[objection.partition("|")[0]].append(host)
    ordered = sorted(kinds.items(), key=lambda item: (-len(item[1]), item[0]))
    return "; ".join(f"{kind} on {_hosts(hosts)}" for kind, hosts in ordered) or "there is no host"


def _hosts(hosts: list[str]) -> str:
    return ", ".join(hosts) if len(hosts) <= 2 else f"{len(hosts)} hosts"


def per_host(rejected: Mapping[str, str]) -> tuple[str, ...]:
    """Return one line a host with the details."""
    return tuple(f"{host}: {reason(objection)}" for host, objection in sorted(rejected.items()))
