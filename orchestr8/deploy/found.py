"""What there is to be known of services once they are deployed: names, ports and members."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from orchestr8.deploy.discovery import told
from orchestr8.deploy.observed import Observed, Replica
from orchestr8.deploy.service import ServiceSpec


def found(project: str, specs: Iterable[ServiceSpec], observed: Observed) -> dict[str, dict[str, Any]]:
    """Return what templates see of services that can be found: `services.db.members` and so on."""
    offered = {spec.name: spec for spec in specs if spec.discovery is not None}
    table = told(project, {n: s.discovery for n, s in offered.items() if s.discovery is not None})
    return {n: {**table[n], "members": list(_members(spec, observed))} for n, spec in offered.items()}


def _members(spec: ServiceSpec, observed: Observed) -> Iterator[dict[str, Any]]:
    addresses = {host.name: host.address for host in observed.hosts}
    for replica in sorted(observed.of(spec.name), key=lambda r: (r.slot, r.host)):
        if replica.serving and (port := _port(spec, replica)):
            place = {"host": replica.host, "address": addresses.get(replica.host, ""), "port": port}
            yield {"name": replica.name, **place}


def _port(spec: ServiceSpec, replica: Replica) -> int:
    port = 0 if spec.discovery is None else spec.discovery.port
    return port if spec.workload.network_mode == "host" else replica.published.get(f"{port}/tcp", 0)
