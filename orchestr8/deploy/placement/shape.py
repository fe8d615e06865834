"""What hosts are to all services with the same rules; nothing here depends on what runs on them."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass

from orchestr8.deploy.observed import HostFacts
from orchestr8.deploy.placement.constraints import attribute
from orchestr8.deploy.placement.filters import BELONGING, objection
from orchestr8.deploy.placement.score import liking
from orchestr8.deploy.service import ServiceSpec

Key = tuple[str | None, ...]
"""A host's values, one a spread; hosts with equal values are alike to every spread."""


@dataclass(frozen=True, slots=True)
class Shape:
    """`keys` has the fit hosts by name, `rejected` what is against the others, `values` those of each spread.

    `homes` are the hosts that rules and pattern allow; some may be cordoned or silent. `liking` is how much
    each fit host is wished for.
    """

    keys: Mapping[str, Key]
    rejected: Mapping[str, str]
    values: tuple[tuple[str, ...], ...]
    homes: frozenset[str]
    liking: Mapping[str, float | None]


def shape_of(spec: ServiceSpec, hosts: Iterable[HostFacts], candidates: frozenset[str] | None) -> Shape:
    """Return the shape of a service."""
    attributes = [s.attribute for s in spec.placement.spreads]
    rejected: dict[str, str] = {}
    keys: dict[str, Key] = {}
    homes: set[str] = set()
    liked: dict[str, float | None] = {}
    for host in sorted(hosts, key=lambda h: h.name):
        against = objection(spec, host, candidates)
        if against:
            rejected[host.name] = against
        else:
            keys[host.name] = tuple(attribute(host, a) for a in attributes)
            liked[host.name] = liking(spec, host)
        if not against or not objection(spec, host, candidates, BELONGING):
            homes.add(host.name)
    values = tuple(_distinct(k[axis] for k in keys.values()) for axis in range(len(attributes)))
    return Shape(keys, rejected, values, frozenset(homes), liked)


def _distinct(values: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(sorted({v for v in values if v is not None}))


class Shapes:
    """The shapes of services on some hosts, each worked out once."""

    def __init__(self, hosts: Mapping[str, HostFacts]) -> None:
        self._hosts = hosts
        self._known: dict[Hashable, Shape] = {}

    def of(self, spec: ServiceSpec, candidates: frozenset[str] | None) -> Shape:
        """Return the shape of a service."""
        rule = spec.placement
        key = (
            rule.hosts,
            rule.constraints,
            tuple(s.attribute for s in rule.spreads),
            rule.affinities,
            candidates,
        )
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = shape_of(spec, self._hosts.values(), candidates)
        return known
