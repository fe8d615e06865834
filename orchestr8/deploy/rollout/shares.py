"""Which part of the requests the new replicas get: as the step says, not as somebody has asked before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from orchestr8.deploy.observed import Replica
from orchestr8.deploy.rollout.course import course, straight, weighted
from orchestr8.deploy.rollout.hold import Hold, share
from orchestr8.deploy.rollout.view import View, member_name
from orchestr8.deploy.traffic import Group, Member
from orchestr8.deploy.traffic import share as split

Pool = Mapping[str, Member]


def whole(view: View, hold: Hold) -> bool:
    """Say whether exactly the slots that were asked for have a new replica that counts."""
    new = sorted(r.slot for r in view.live if view.current(r))
    asked = sorted(hold.slots or ())
    return new == asked == sorted(r.slot for r in view.live if view.available(r))


def everybody(view: View) -> Hold:
    """Return the hold under which all slots get a new replica before an old one goes."""
    return Hold(frozenset(view.slots), beside=not view.exclusive)


def to_new(view: View) -> int | None:
    """Return the percentage of requests that up-to-date replicas should get; None where all get alike.

    Where the steps are passed over, they get all once they are complete, or as soon as they have any.
    """
    if not view.routed or not weighted(view):
        return None
    if not straight(view):
        steps = course(view)
        return share(steps, min(view.journal.step, len(steps) - 1))
    old = any(not _is_new(view, r) for r in view.live)
    return 100 if not old or _asked(view) or whole(view, everybody(view)) else 0


def _is_new(view: View, replica: Replica) -> bool:
    return replica.spec_hash == view.spec_hash


def _asked(view: View) -> bool:
    """Say whether up-to-date replicas get requests of everybody by now."""
    names = {member_name(r) for r in view.live if _is_new(view, r)}
    placed = (p.member for sight in view.sights.values() for p in sight.members)
    return any(m.name in names and m.share and m.group != "preview" for m in placed)


def shared(view: View, pool: Pool, replicas: Iterable[Replica]) -> dict[str, Member]:
    """Return members with their weights and groups; `replicas` are those they stand for."""
    percent = to_new(view)
    if percent is None:
        return dict(pool)
    known = [r for r in replicas if member_name(r) in pool]
    new = [member_name(r) for r in known if _is_new(view, r)]
    old = [member_name(r) for r in known if not _is_new(view, r)]
    trusted = {member_name(r) for r in known if r.revision in view.good_revisions}
    old = [name for name in old if name in trusted] or old
    if not new or not old:
        return {name: pool[name] for name in new or old}
    return _beside(view, pool, old, new, percent)


def _beside(
    view: View, pool: Pool, old: Sequence[str], new: Sequence[str], percent: int
) -> dict[str, Member]:
    """Return two sets side by side."""
    aside = view.desired.spec.update.strategy == "blue_green"
    if percent == 100:
        return {**_set(pool, new, 100, "stable"), **_unused(pool, old, "stable", aside=aside)}
    if percent == 0:
        return {**_set(pool, old, 100, "stable"), **_unused(pool, new, "canary", aside=aside)}
    weights = split(percent, len(old), len(new))
    return {**_set(pool, old, weights.stable, "stable"), **_set(pool, new, weights.canary, "canary")}


def _unused(pool: Pool, names: Iterable[str], group: Group, *, aside: bool) -> dict[str, Member]:
    """Return members that get no request, but those of a preview where the sets are whole."""
    return _set(pool, names, 100, "preview") if aside else _set(pool, names, 0, group)


def _set(pool: Pool, names: Iterable[str], weight: int, group: Group) -> dict[str, Member]:
    return {name: replace(pool[name], weight=weight, group=group) for name in names}
