"""What the end of a rollout means for the run: an error with its exit code, or nothing."""

from __future__ import annotations

from collections.abc import Mapping

from orchestr8.core import errors
from orchestr8.core.errors import Diagnostic, O8Error
from orchestr8.deploy.desired import End
from orchestr8.deploy.model import Verdict
from orchestr8.engine.services.converge import Ended
from orchestr8.engine.services.ports import EngineError

_PAUSED = "O8-3205"
_KINDS: Mapping[End, tuple[type[O8Error], str, str]] = {
    "rollback_failed": (errors.RollbackFailed, "O8-3204", "could not be brought back"),
    "infeasible": (errors.Infeasible, "O8-3201", "cannot be rolled out"),
    "unreachable": (errors.Unreachable, "O8-3206", "was not touched"),
    "rolled_back": (errors.RolloutFailed, "O8-3202", "was rolled back"),
    "removed": (errors.RolloutFailed, "O8-3202", "was taken away: its first rollout failed"),
    "failed": (errors.HostFailed, "O8-3203", "failed"),
    "paused": (errors.RolloutPaused, _PAUSED, "is paused"),
}
"""The worst first."""


def require_good(ended: Ended, lost: Mapping[str, O8Error]) -> None:
    """Raise the error of the worst verdict, with what is known of every service that failed."""
    bad = [(s, v) for s, v in ended.verdicts.items() if v.end in _KINDS]
    if bad:
        worst = next(end for end in _KINDS if any(v.end == end for _, v in bad))
        raise _kind(worst, lost)(*(_diagnostic(s, v, ended) for s, v in bad))
    if ended.interrupted:
        hint = "run it again to go on; what was done so far is kept"
        raise errors.Interrupted(Diagnostic("O8-3208", "interrupted between two replicas", hint=hint))
    skipped = sorted({host for v in ended.verdicts.values() for host in v.skipped})
    if skipped:
        text = f"all but {', '.join(skipped)} converged; the next run brings them up to date"
        raise errors.Partial(Diagnostic("O8-3207", text))


def _kind(end: End, lost: Mapping[str, O8Error]) -> type[O8Error]:
    """Return the error of an end; a host whose engine is down was reached, so it counts as failed."""
    if end == "unreachable" and lost and all(isinstance(e, EngineError) for e in lost.values()):
        return errors.HostFailed
    return _KINDS[end][0]


def _diagnostic(service: str, verdict: Verdict, ended: Ended) -> Diagnostic:
    _, code, text = _KINDS[verdict.end]
    reason = f": {verdict.reason}" if verdict.reason else ""
    hint = f"`o8 promote {service}` lets it go on, `o8 abort {service}` takes it back"
    notes = ended.reports.get(service, ())
    return Diagnostic(
        code, f"service `{service}` {text}{reason}", hint=hint if code == _PAUSED else None, notes=notes
    )
