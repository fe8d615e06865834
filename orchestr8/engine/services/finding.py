"""Services that find each other: the names that templates see, and those that containers know."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

from orchestr8.core.errors import Diagnostic, InvalidInput
from orchestr8.deploy.discovery import Discovery, host_name, inner, told
from orchestr8.deploy.model import ServiceSpec
from orchestr8.engine.services_port import ServiceCall
from orchestr8.language.services import offered
from orchestr8.template.scope import Scope
from orchestr8.template.undefined import Failed

VARIABLE = "services"
_GATEWAY = "host-gateway"
"""Docker's word for the address by which containers reach their host."""


def naming(call: ServiceCall, project: str, scope: Scope) -> Scope:
    """Return the scope in which services are rendered: others are there, but for their members."""
    found: dict[str, Discovery] = {}
    for name, written in call.services.items():
        if isinstance(written, Mapping) and written.get("discovery") is not None:
            offer = offered(str(name), call.templar.render(written["discovery"], scope), written)
            found.update({} if offer is None else {str(name): offer})
    if not found:
        return scope
    return Scope(*scope.layers, {VARIABLE: early(told(project, found))})


def early(table: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return what templates see of services while their members are not known: whoever asks is told so."""
    return {name: {**about, "members": _unknown(name)} for name, about in table.items()}


def connected(project: str, services: Iterable[tuple[ServiceSpec, Collection[str]]]) -> list[ServiceSpec]:
    """Return services, given with their hosts, that know whom they use and come to where they are used."""
    found = list(services)
    seekers: dict[str, set[str]] = {}
    for spec, hosts in found:
        for used in spec.uses:
            seekers.setdefault(used, set()).update(hosts)
    return [_led(project, _knowing(project, spec), seekers) for spec, _ in found]


def _led(project: str, spec: ServiceSpec, seekers: Mapping[str, Collection[str]]) -> ServiceSpec:
    if spec.discovery is None:
        return spec
    way = inner(spec.discovery, project, spec.name, seekers.get(spec.name, ()))
    return replace(spec, ingress=way or spec.ingress)


def _knowing(project: str, spec: ServiceSpec) -> ServiceSpec:
    names = [f"{host_name(project, used)}:{_GATEWAY}" for used in spec.uses]
    if not names:
        return spec
    known = dict.fromkeys((*spec.workload.extra_hosts, *names))
    return replace(spec, workload=replace(spec.workload, extra_hosts=tuple(known)))


def _unknown(name: str) -> Any:
    hint = "use it in a task after this play's services, or give containers its `name` and `port`"
    why = f"the members of service `{name}` are known only after it was deployed"
    return Failed(InvalidInput(Diagnostic("O8-3350", why, hint=hint)))
