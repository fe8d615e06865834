"""What a rollout does when something failed: roll back, take away, pause, go on, or stop."""

from __future__ import annotations

from dataclasses import replace

from orchestr8.deploy.desired import End, Journal
from orchestr8.deploy.rollout.view import View, member_name

ABORTED = "aborted:"
"""How the reason of a rollout begins that somebody called off."""


def react(view: View, reason: str, *, tolerable: bool = False) -> Journal:
    """Return the journal after a failure; a tolerable one counts against `max_failures` only."""
    journal = view.journal
    update = view.desired.spec.update
    if journal.phase == "rolling_back":
        return done(journal, "rollback_failed", f"{journal.reason}; the rollback failed too: {reason}")
    if (
        tolerable
        and (update.on_failure != "continue" or update.stepwise)
        and journal.failures <= update.max_failures
    ):
        return journal
    if journal.steady:
        return done(journal, "failed", reason)
    if view.desired.rollback_of is not None:
        return done(journal, "rollback_failed", reason)
    if update.on_failure == "pause":
        return done(journal, "paused", reason)
    if update.on_failure == "continue" and tolerable and not update.stepwise:
        slots = {r.slot for r in view.replicas if r.id in journal.failed}
        return replace(journal, given_up=journal.given_up | slots, reason=reason)
    return _back(view, reason)


def abort(view: View) -> Journal:
    """Return the journal of a rollout that somebody calls off; one that has ended stays as it is.

    So does a way back: there is nothing behind it to go back to.
    """
    if view.journal.phase != "rolling" or view.journal.steady or view.desired.rollback_of is not None:
        return view.journal
    return _back(view, f"{ABORTED} {view.desired.intent.abort}")


def _back(view: View, reason: str) -> Journal:
    """Return the journal of the way back; where nothing has changed yet there is none to go."""
    back = replace(
        view.journal,
        phase="rolling_back",
        reason=reason,
        watch={},
        settled=frozenset(),
        given_up=frozenset(),
        failures=0,
        step=0,
        waiting="",
        since=None,
        progressed=view.now,
    )
    ahead = View.of(view.desired, view.observed, back, view.now)
    if view.journal.fresh and _untouched(ahead):
        return done(view.journal, "failed", reason)
    if back.good is None:
        return back
    serving = (r for r in ahead.live if ahead.current(r) and r.serving and r.revision in ahead.good_revisions)
    return replace(back, settled=frozenset(f"{r.host}/{r.name}" for r in serving))


def _untouched(ahead: View) -> bool:
    """Say whether everything still is as the revision to go back to has it, and always was."""
    begun = any(r.number == ahead.desired.revision and r.stage.step for r in ahead.history)
    if begun or _known_on_edges(ahead):
        return False
    if ahead.journal.good is None:
        return not any(r.spec_hash == ahead.spec_hash for r in ahead.replicas)
    return not ahead.missing and not ahead.dirty and len(ahead.live) == ahead.wanted


def _known_on_edges(ahead: View) -> bool:
    """Say whether an edge has a replica of the revision that is given up."""
    mine = {member_name(r) for r in ahead.replicas if r.revision == ahead.desired.revision}
    return any(sight.placed(name) for sight in ahead.sights.values() for name in mine)


def done(journal: Journal, end: End, reason: str = "") -> Journal:
    """Return the journal of a rollout that ended."""
    return replace(journal, phase="done", end=end, reason=reason)
