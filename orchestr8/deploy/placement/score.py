"""How good a host is for a replica: terms in [-1, 1], kept for explaining, and their weighted mean."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from orchestr8.deploy.observed import HostFacts
from orchestr8.deploy.placement.constraints import meets
from orchestr8.deploy.placement.room import Room
from orchestr8.deploy.service import Claim, Placement, ServiceSpec

FIT_WEIGHT = 0.1
SPREAD_WEIGHT = 2.0


@dataclass(frozen=True, slots=True)
class Term:
    """One reason for or against a host."""

    name: str
    value: float
    weight: float = 1.0

    def __str__(self) -> str:
        return f"{self.name} {self.value:+.2f}"


def mean(terms: Iterable[Term]) -> float:
    """Return the weighted mean, rounded so that equal hosts tie whatever the order of sums."""
    total = summed = 0.0
    for term in terms:
        total += term.weight
        summed += term.value * term.weight
    return round(summed / total, 9) if total else 0.0


def liking(spec: ServiceSpec, host: HostFacts) -> float | None:
    """Return how much a service wishes for a host, from -1 to 1, or None when it has no wishes."""
    weights = sum(abs(a.weight) for a in spec.placement.affinities)
    if not weights:
        return None
    return sum(a.weight for a in spec.placement.affinities if meets(a.constraint, host)) / weights


def host_terms(
    rule: Placement, liked: float | None, room: Room, claim: Claim, mine: int, wanted: int
) -> tuple[Term, ...]:
    """Return the terms that depend on the host alone; `mine` replicas of the service are on it already."""
    wish = () if liked is None else (Term("affinity", liked),)
    used = room.used(claim)
    if rule.pack:
        most = rule.max_per_host - mine if rule.max_per_host else wanted
        return (Term("pack", _packed(room, claim, used, most, wanted)), *wish)
    fit = () if used is None else (Term("fit", max(-1.0, min(1.0, 1 - 2 * used)), FIT_WEIGHT),)
    return (Term("apart", max(-1.0, -(mine + 1) / max(1, wanted))), *wish, *fit)


def _packed(room: Room, claim: Claim, used: float | None, most: int, wanted: int) -> float:
    """Return how well a host serves the wish for few hosts: one in use the fuller the better, from 0.5 on.

    One not in use is worth the more replicas of the service it holds, below 0.
    """
    full = max(0.0, min(1.0, used or 0.0))
    if room.load:
        return 0.5 + full / 2
    return 0.9 * room.places(claim, max(0, most)) / max(1, wanted) + full / 10 - 1


def spread_term(name: str, used: int, wanted: int, values: int) -> Term:
    """Return the term for one value of a spread attribute that holds `used` replicas already."""
    ideal = max(1.0, wanted / max(1, values))
    return Term(f"spread {name}", max(-1.0, min(1.0, (ideal - used) / ideal)), SPREAD_WEIGHT)
