"""Laws of placement, against a search through all possibilities on small fleets."""

from __future__ import annotations

import os
from collections import Counter
from contextlib import suppress
from itertools import combinations_with_replacement

from hypothesis import given, settings
from hypothesis import strategies as st

from orchestr8.deploy.model import (
    Amount,
    Claim,
    Constraint,
    HostFacts,
    Placement,
    PortBinding,
    Reservations,
    ServiceSpec,
    Spread,
    Workload,
)
from orchestr8.deploy.placement.constraints import meets, parse
from orchestr8.deploy.placement.place import Request, Seating, place
from orchestr8.deploy.placement.room import rooms_of

LAW = settings(max_examples=int(os.environ.get("O8_LAW_EXAMPLES", "200")), deadline=None)


@st.composite
def fleets(draw: st.DrawFn) -> list[HostFacts]:
    return [
        HostFacts(
            f"h{n}",
            labels={"zone": draw(st.sampled_from("abc")), "rack": draw(st.sampled_from("xy"))},
            arch=draw(st.sampled_from(["amd64", "amd64", "arm64"])),
            cpus=4.0,
            memory=draw(st.integers(0, 4)) * 100 or 100,
            reachable=draw(st.sampled_from([True, True, True, False])),
            cordoned=draw(st.sampled_from([False, False, False, True])),
            strangers=(Claim(memory=draw(st.sampled_from([0, 100]))),),
        )
        for n in range(draw(st.integers(1, 5)))
    ]


@st.composite
def services(draw: st.DrawFn) -> ServiceSpec:
    spreads = draw(
        st.lists(
            st.builds(
                Spread,
                st.sampled_from(["node.labels.zone", "node.labels.rack"]),
                st.integers(1, 2),
                st.booleans(),
            ),
            max_size=2,
            unique_by=lambda s: s.attribute,
        )
    )
    arch = draw(st.sampled_from([(), (Constraint("node.arch", "==", ("amd64",)),)]))
    ports = draw(st.sampled_from([(), (), (PortBinding(80, host_port=80),)]))
    return ServiceSpec(
        "web",
        Workload("app", ports=ports),
        replicas=draw(st.integers(1, 5)),
        placement=Placement(constraints=arch, spreads=tuple(spreads), max_per_host=draw(st.integers(0, 2))),
        reservations=Reservations(memory=draw(st.sampled_from([0, 100, 150]))),
    )


def seat(spec: ServiceSpec, fleet: list[HostFacts], prefer: dict[int, str] | None = None) -> Seating:
    return place(Request(spec, range(1, spec.replicas + 1), prefer=prefer or {}), rooms_of(fleet, ()))


def valid(spec: ServiceSpec, fleet: list[HostFacts], chosen: tuple[str, ...]) -> bool:
    """Judge an assignment in the plainest way there is."""
    by_name, used = {h.name: h for h in fleet}, Counter(chosen)
    for name, number in used.items():
        host = by_name[name]
        free = host.memory - sum(c.memory for c in host.strangers)
        limit = spec.placement.max_per_host or number
        full = bool(spec.reservations.memory) and number * spec.reservations.memory > free
        if not host.reachable or host.cordoned or number > limit or full:
            return False
        if not all(meets(c, host) for c in spec.placement.constraints):
            return False
        if spec.workload.host_ports and number > 1:
            return False
    fit = [
        h
        for h in fleet
        if h.reachable and not h.cordoned and all(meets(c, h) for c in spec.placement.constraints)
    ]
    return all(_even(s, fit, used) for s in spec.placement.spreads if s.required)


def _even(spread: Spread, fit: list[HostFacts], used: Counter[str]) -> bool:
    label = spread.attribute.rsplit(".", 1)[-1]
    totals = {h.labels[label]: 0 for h in fit}
    for host in fit:
        totals[host.labels[label]] += used[host.name]
    return max(totals.values()) - min(totals.values()) <= spread.max_skew


@LAW
@given(services(), fleets())
def test_a_placement_is_found_exactly_when_there_is_one(spec: ServiceSpec, fleet: list[HostFacts]) -> None:
    found = seat(spec, fleet)
    names = sorted(h.name for h in fleet)
    possible = any(valid(spec, fleet, c) for c in combinations_with_replacement(names, spec.replicas))
    assert (not found.unplaced) == possible, found
    if possible:
        assert valid(spec, fleet, tuple(s.host for s in found.seats.values()))
    else:
        assert set(found.rejected) == set(names)
        assert all(found.rejected.values())


@LAW
@given(services(), fleets(), st.randoms())
def test_the_order_of_hosts_is_of_no_matter(
    spec: ServiceSpec, fleet: list[HostFacts], chance: object
) -> None:
    mixed = list(fleet)
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    assert seat(spec, fleet) == seat(spec, mixed)


@LAW
@given(services(), fleets(), fleets())
def test_replicas_stay_where_they_are(
    spec: ServiceSpec, fleet: list[HostFacts], more: list[HostFacts]
) -> None:
    first = seat(spec, fleet)
    if first.unplaced or any(s.required for s in spec.placement.spreads):
        return
    known = {h.name for h in fleet}
    wider = [*fleet, *(h for h in more if h.name not in known)]
    again = seat(spec, wider, {s: x.host for s, x in first.seats.items()})
    assert {s: x.host for s, x in again.seats.items()} == {s: x.host for s, x in first.seats.items()}


@LAW
@given(services(), fleets())
def test_terms_are_between_minus_one_and_one(spec: ServiceSpec, fleet: list[HostFacts]) -> None:
    for found in seat(spec, fleet).seats.values():
        assert all(-1 <= t.value <= 1 for t in found.terms)


@LAW
@given(st.integers(1, 12), st.integers(1, 4))
def test_soft_spread_is_even_whatever_the_sizes(replicas: int, zones: int) -> None:
    fleet = [
        HostFacts(
            f"h{n}", labels={"zone": f"z{n % zones}"}, cpus=4 * (n + 1), memory=2**30 * (1 + 9 * (n % 2))
        )
        for n in range(2 * zones)
    ]
    spec = ServiceSpec(
        "web",
        Workload("app"),
        replicas=replicas,
        placement=Placement(spreads=(Spread("node.labels.zone"),)),
        reservations=Reservations(memory=2**20),
    )
    zone = {h.name: h.labels["zone"] for h in fleet}
    counts = Counter({f"z{n}": 0 for n in range(zones)})
    counts.update(zone[s.host] for s in seat(spec, fleet).seats.values())
    assert max(counts.values()) - min(counts.values()) <= 1


@LAW
@given(st.integers(0, 300), st.integers(0, 1000))
def test_percentages_round_up_for_surge_and_down_for_unavailable(percent: int, of: int) -> None:
    exact = percent * of / 100
    assert exact <= Amount(percent, True).up(of) < exact + 1
    assert exact - 1 < Amount(percent, True).down(of) <= exact


WORDS = st.text("abc019.-", min_size=1, max_size=4).filter(lambda w: w.strip("-.") != "")


@LAW
@given(
    st.sampled_from(["==", "!=", "in", "not-in"]), st.lists(WORDS, min_size=1, max_size=3), st.none() | WORDS
)
def test_equality_agrees_with_the_plain_reading(operator: str, values: list[str], label: str | None) -> None:
    many = operator in ("in", "not-in")
    text = f"node.labels.x {operator} " + (f"[{', '.join(values)}]" if many else values[0])
    host = HostFacts("h", labels={} if label is None else {"x": label})
    wanted = label is not None and label in (values if many else values[:1])
    same = {_number(v) for v in (values if many else values[:1])}
    wanted = wanted or (label is not None and _number(label) is not None and _number(label) in same)
    assert meets(parse(text), host) == (wanted == (operator in ("==", "in")))


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


@LAW
@given(st.text(max_size=30))
def test_any_text_is_a_constraint_or_a_clear_error(text: str) -> None:
    with suppress(ValueError):
        assert parse(text).attribute
