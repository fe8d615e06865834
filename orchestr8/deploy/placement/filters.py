"""Hard rules about hosts; each says what it holds against a host."""

from __future__ import annotations

from collections.abc import Callable

from orchestr8.deploy.observed import HostFacts
from orchestr8.deploy.placement.constraints import attribute, meets
from orchestr8.deploy.service import ServiceSpec

Filter = Callable[[ServiceSpec, HostFacts, frozenset[str] | None], str]


def _selected(spec: ServiceSpec, host: HostFacts, candidates: frozenset[str] | None) -> str:
    out = candidates is not None and host.name not in candidates
    return f"not selected by `hosts: {spec.placement.hosts or 'of the play'}`|" if out else ""


def _constrained(spec: ServiceSpec, host: HostFacts, candidates: frozenset[str] | None) -> str:
    del candidates
    for constraint in spec.placement.constraints:
        if not meets(constraint, host):
            found = attribute(host, constraint.attribute)
            return f"{constraint} is not met|{'not set' if found is None else 'is ' + found}"
    return ""


def _reachable(spec: ServiceSpec, host: HostFacts, candidates: frozenset[str] | None) -> str:
    del spec, candidates
    return "" if host.reachable else f"unreachable|{host.error}"


def _open(spec: ServiceSpec, host: HostFacts, candidates: frozenset[str] | None) -> str:
    del spec, candidates
    return "cordoned|" if host.cordoned else ""


BELONGING: tuple[Filter, ...] = (_selected, _constrained)
ALL: tuple[Filter, ...] = (*BELONGING, _reachable, _open)


def objection(
    spec: ServiceSpec, host: HostFacts, candidates: frozenset[str] | None, filters: tuple[Filter, ...] = ALL
) -> str:
    """Return the first rule's objection as `kind|detail`, or an empty text."""
    return next((found for rule in filters if (found := rule(spec, host, candidates))), "")
