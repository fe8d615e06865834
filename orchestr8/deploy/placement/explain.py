"""Why each replica is on its host, and why no other host has it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from orchestr8.deploy.codec import plain
from orchestr8.deploy.desired import Desired
from orchestr8.deploy.observed import Observed, Replica
from orchestr8.deploy.placement.objections import reason
from orchestr8.deploy.placement.place import Bid, Request, bids
from orchestr8.deploy.placement.room import rooms_of
from orchestr8.deploy.placement.score import Term
from orchestr8.deploy.rollout.begin import begin
from orchestr8.deploy.rollout.seats import finally_seated
from orchestr8.deploy.rollout.view import View

Standing = Literal["refused", "worse", "equal", "better"]


@dataclass(frozen=True, slots=True)
class Other:
    """A host that a replica is not on.

    `refused`: a hard rule forbids it, `reason` says which. `worse`: it may, its score is lower. `equal`:
    the score is the same, the emptier host or the first name decides. `better`: it scores higher today;
    replicas stay where they are until a rebalance moves them. `terms` and `score` are empty when refused.
    """

    host: str
    standing: Standing
    reason: str
    score: float | None = None
    terms: tuple[Term, ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """One replica: its host, the score with its terms (each from -1 to 1), and all other hosts.

    `host` is empty when there is no host for the slot. `state` is `runs` for a replica that is there,
    `planned` for one that a run would start. `others` come in the order of hosts' names.
    """

    service: str
    slot: int
    host: str
    state: Literal["runs", "planned", "homeless"]
    reason: str
    score: float | None
    terms: tuple[Term, ...]
    others: tuple[Other, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the choice as JSON values."""
        return dict(plain(self))


def explain(desired: Desired, observed: Observed) -> tuple[Choice, ...]:
    """Return why each replica of a service is where it is, or would come where it would, by slot.

    `desired` comes from `deploy.target.desire` or `go_on`; nothing is changed. A host is judged as if
    only this one replica were to be placed while all others stay where they are.
    """
    view = View.of(desired, observed, begin(desired, observed, 0.0), 0.0)
    places = {slot: seat.host for slot, seat in finally_seated(view).seats.items()}
    running = {r.slot: r for r in view.live if view.current(r)}
    homes = {**places, **{slot: r.host for slot, r in running.items()}}
    return tuple(_choice(view, slot, homes, running) for slot in sorted(view.slots))


def _choice(view: View, slot: int, homes: Mapping[int, str], running: Mapping[int, Replica]) -> Choice:
    host = homes.get(slot, "")
    settled = {s: h for s, h in homes.items() if s != slot}
    leaving = {r.id for r in view.live if r.slot == slot or not view.current(r)}
    staying = (r for r in view.observed.replicas if r.id not in leaving)
    request = Request(view.spec, (slot,), settled, {}, view.desired.candidates)
    offers = {b.host: b for b in bids(request, rooms_of(view.hosts.values(), staying))}
    own = offers.get(host)
    others = tuple(_other(own, offers[name]) for name in sorted(offers) if name != host)
    state: Literal["runs", "planned", "homeless"] = "runs" if slot in running else "planned"
    terms = own.terms if own is not None else ()
    return Choice(
        view.spec.name,
        slot,
        host,
        state if host else "homeless",
        _why(view, slot, own, others),
        own.score if own is not None and terms else None,
        terms,
        others,
    )


def _other(own: Bid | None, bid: Bid) -> Other:
    """Return how a host compares with the one that has the replica."""
    if bid.against:
        return Other(bid.host, "refused", reason(bid.against))
    if own is None or not own.terms:
        return Other(bid.host, "better", "it would have room", bid.score, bid.terms)
    standing, text = _compared(own, bid)
    return Other(bid.host, standing, text, bid.score, bid.terms)


def _compared(own: Bid, bid: Bid) -> tuple[Standing, str]:
    if bid.uneven != own.uneven:
        worse = bid.uneven > own.uneven
        return ("worse", "a spread would be uneven") if worse else ("better", "spreads would be more even")
    if bid.score != own.score:
        sign = "<" if bid.score < own.score else ">"
        return ("worse" if sign == "<" else "better", f"score {bid.score:+.2f} {sign} {own.score:+.2f}")
    return "equal", "more containers run there" if bid.load > own.load else "as good, the name decides"


def _why(view: View, slot: int, own: Bid | None, others: tuple[Other, ...]) -> str:
    """Return in a few words why a replica is where it is."""
    if own is None:
        return "no host can take it"
    if view.slots.get(slot) is not None:
        return "one replica on every host"
    if view.spec.holds_volume:
        return "its volume is there"
    if own.against:
        return f"it stays although now: {reason(own.against)}"
    allowed = [o for o in others if o.standing != "refused"]
    if not allowed:
        return "the only host that may have it"
    if any(o.standing == "better" for o in allowed):
        return "it stays where it is"
    return "the best score" if all(o.standing == "worse" for o in allowed) else "one of the best"
