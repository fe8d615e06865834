"""Counts of replicas over the values of spread attributes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from orchestr8.deploy.placement.score import Term, spread_term
from orchestr8.deploy.placement.shape import Key, Shape
from orchestr8.deploy.service import ServiceSpec, Spread


class SpreadCounts:
    """How many replicas each value of each spread attribute holds; only values of fit hosts count."""

    def __init__(self, spec: ServiceSpec, shape: Shape, wanted: int) -> None:
        self.spreads = spec.placement.spreads
        self._wanted = wanted
        self._counts: list[Counter[str]] = [Counter(dict.fromkeys(values, 0)) for values in shape.values]

    def add(self, key: Key, number: int = 1) -> None:
        """Count a replica in, or out again with -1."""
        for counts, value in zip(self._counts, key, strict=True):
            if value is not None and value in counts:
                counts[value] += number

    def breaches(self, key: Key) -> tuple[int, int]:
        """Return how many required and how many soft spreads one more replica here would break."""
        required = soft = 0
        for spread, counts, value in zip(self.spreads, self._counts, key, strict=True):
            if value is None or counts[value] + 1 - min(counts.values(), default=0) > spread.max_skew:
                required += spread.required
                soft += not spread.required
        return required, soft

    def terms(self, key: Key) -> tuple[Term, ...]:
        """Return the spreads' terms for hosts with these values."""
        return tuple(
            Term(f"spread {s.attribute}", -1.0, 2.0)
            if value is None
            else spread_term(s.attribute, counts[value], self._wanted, len(counts))
            for s, counts, value in zip(self.spreads, self._counts, key, strict=True)
        )


def keeps(spread: Spread, axis: int, had: Mapping[Key, int], new: Mapping[Key, int]) -> bool:
    """Say whether `new` replicas beside those there were keep within `max_skew`.

    `new` has the values of all fit hosts, with 0 where nothing comes; `axis` is the spread's place in them.
    """
    totals: Counter[str] = Counter()
    grown: set[str] = set()
    for key, number in new.items():
        value = key[axis]
        if value is None:
            if number:
                return False
            continue
        totals[value] += number + had.get(key, 0)
        if number:
            grown.add(value)
    least = min(totals.values(), default=0)
    return all(totals[value] - least <= spread.max_skew for value in grown)
