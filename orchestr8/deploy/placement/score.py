"""How good a host is for a replica: terms in [-1, 1], kept for explaining, and their weighted mean."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from orchestr8.deploy.placement.constraints import meets
from orchestr8.deploy.placement.room import Room
from orchestr8.deploy.service import Claim, ServiceSpec

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
    known = list(terms)
    total = sum(t.weight for t in known)
    return round(sum(t.value * t.weight for t in known) / total, 9) if total else 0.0


def host_terms(spec: ServiceSpec, room: Room, claim: Claim, mine: int, wanted: int) -> tuple[Term, ...]:
    """Return the terms that depend on the host alone; `mine` replicas of the service are on it already."""
    terms = [Term("apart", max(-1.0, -(mine + 1) / max(1, wanted)))]
    weights = sum(abs(a.weight) for a in spec.placement.affinities)
    if weights:
        met = sum(a.weight for a in spec.placement.affinities if meets(a.constraint, room.host))
        terms.append(Term("affinity", met / weights))
    used = room.used(claim)
    if used is not None:
        terms.append(Term("fit", max(-1.0, min(1.0, 1 - 2 * used)), FIT_WEIGHT))
    return tuple(terms)


def spread_term(name: str, used: int, wanted: int, values: int) -> Term:
    """Return the term for one value of a spread attribute that holds `used` replicas already."""
    ideal = max(1.0, wanted / max(1, values))
    return Term(f"spread {name}", max(-1.0, min(1.0, (ideal - used) / ideal)), SPREAD_WEIGHT)
