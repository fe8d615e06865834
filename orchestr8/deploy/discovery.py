"""How services find each other: names that containers know, and the local balancer behind them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from orchestr8.deploy.ingress import Ingress


@dataclass(frozen=True, slots=True)
class Discovery:
    """What a service offers to other services: its container's `port`, under `listen` of its name."""

    port: int
    listen: int
    mode: Literal["http", "tcp"] = "http"
    via: Literal["haproxy", "caddy"] = "haproxy"
    image: str = ""
    socket: str = ""


def inner(found: Discovery, project: str, service: str, hosts: Iterable[str]) -> Ingress | None:
    """Return the way from containers on hosts to a service; None when nobody there looks for it."""
    on = ",".join(sorted(hosts))
    if not on:
        return None
    host = host_name(project, service) if found.mode == "http" else ""
    return Ingress(
        on, found.port, found.via, host, listen=found.listen, mode=found.mode, socket=found.socket,
        image=found.image, inside=True,
    )  # fmt: skip


def host_name(project: str, service: str) -> str:
    """Return the name under which a service is found; projects on the same hosts have names of their own."""
    return f"{service}.{project}.internal".replace("_", "-")


def told(project: str, services: Mapping[str, Discovery]) -> dict[str, dict[str, Any]]:
    """Return what templates see of services before anything is deployed: `services.db.name` and so on."""
    return {name: _told(host_name(project, name), found) for name, found in services.items()}


def _told(name: str, found: Discovery) -> dict[str, Any]:
    address = f"{name}:{found.listen}"
    return {"name": name, "port": found.listen, "mode": found.mode, "address": address}


def clashes(services: Mapping[str, Discovery]) -> Iterable[tuple[str, str]]:
    """Yield pairs of services that want the same port, the later one first; http services share ports."""
    taken: dict[int, str] = {}
    for name, found in services.items():
        other = taken.setdefault(found.listen, name)
        if other != name and "tcp" in (found.mode, services[other].mode):
            yield name, other
