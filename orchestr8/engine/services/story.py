"""Tells what happens to services while it happens, and keeps the evidence of failures."""

from __future__ import annotations

from collections.abc import Mapping

from orchestr8.core.errors import O8Error
from orchestr8.core.event import RolloutEvent
from orchestr8.deploy.model import Decision, Journal, Observed, Replica
from orchestr8.deploy.project import Round
from orchestr8.engine.ports import Sink
from orchestr8.engine.services.observer import Crew
from orchestr8.engine.services.ports import Post
from orchestr8.engine.services.prober import Prober
from orchestr8.engine.services.waits import Waits

_ENDS = {
    "converged": "promoted",
    "rolled_back": "rolled_back",
    "removed": "rolled_back",
    "paused": "paused",
}


class Story:
    """Compares each round with the one before and emits what is new."""

    def __init__(self, crew: Crew, prober: Prober, sink: Sink, waits: Waits) -> None:
        self._crew = crew
        self._prober = prober
        self._sink = sink
        self._waits = waits
        self._reports: dict[str, list[str]] = {}
        self._failed: set[str] = set()

    @property
    def reports(self) -> Mapping[str, tuple[str, ...]]:
        """What is known of every failed replica, by service, as lines."""
        return {service: tuple(lines) for service, lines in self._reports.items()}

    def follow(self, now: Round, before: Mapping[str, Journal], observed: Observed) -> None:
        """Tell what this round brought, or what it waits for."""
        self._waits.follow(now, observed)
        for service, decision in now.decisions.items():
            old = before.get(service)
            self._unhealthy(decision, observed)
            if decision.journal.phase == "rolling_back" and (old is None or old.phase == "rolling"):
                self._emit(service, "rolling_back", decision.journal.reason)
            elif old is not None:
                self._healthy(decision, old, observed)
                self._completed(decision, old, observed)

    def close(self, now: Round, touched: Mapping[str, int]) -> None:
        """Tell how it ended."""
        for service, decision in now.decisions.items():
            end = decision.verdict.end
            kind = _ENDS.get(end, "failed")
            if end == "converged" and not touched:
                kind = "unchanged"
            detail = {"end": end, "replicas": decision.counts.available}
            event = RolloutEvent(
                service,
                kind,
                revision=decision.journal.target,
                message=decision.verdict.reason,
                detail=detail,
            )
            if decision.verdict.final:
                self._sink.emit(event)

    def _completed(self, decision: Decision, old: Journal, seen: Observed) -> None:
        """Tell which slots of a job have come to a good end."""
        for slot in sorted(decision.journal.completed - old.completed):
            mine = (r for r in seen.replicas if r.service == old.service and r.revision == old.target)
            replica = next((r for r in mine if r.slot == slot), None)
            if replica is not None:
                counts = decision.counts
                detail = {"completed": counts.available, "desired": counts.desired}
                self._about(replica, "completed", replica.name, detail)

    def _healthy(self, decision: Decision, old: Journal, seen: Observed) -> None:
        for key in sorted((decision.journal.settled - old.settled) & set(old.watch)):
            host, _, name = key.partition("/")
            replica = next((r for r in seen.replicas if (r.host, r.name) == (host, name)), None)
            counts = decision.counts
            detail = {"available": counts.available, "desired": counts.desired}
            if replica is not None:
                self._about(replica, "healthy", name, detail)

    def _unhealthy(self, decision: Decision, seen: Observed) -> None:
        for each in decision.journal.failed:
            if each in self._failed:
                continue
            self._failed.add(each)
            replica = next((r for r in seen.replicas if r.id == each), None)
            if replica is not None:
                self._examine(replica)

    def _examine(self, replica: Replica) -> None:
        try:
            post = self._crew.sites[replica.host].runtime.post_mortem(replica.name)
        except O8Error as error:
            post = Post(state=replica.state, log=(error.message,))
        answers = (*self._prober.transcript(replica), *post.probes)
        lines = report(replica, post, answers)
        self._reports.setdefault(replica.service, []).extend(lines)
        detail = {"exit_code": post.exit_code, "oom": post.oom, "probes": answers, "log": post.log}
        self._about(replica, "unhealthy", "\n".join(lines), detail)

    def _about(self, replica: Replica, kind: str, message: str, detail: Mapping[str, object]) -> None:
        event = RolloutEvent(
            replica.service, kind, replica.host, replica.slot, replica.revision, message, dict(detail)
        )
        self._sink.emit(event)

    def _emit(self, service: str, kind: str, message: str) -> None:
        self._sink.emit(RolloutEvent(service, kind, message=message))


def report(replica: Replica, post: Post, answers: tuple[str, ...]) -> list[str]:
    """Return what is known of a failed replica, as lines for people."""
    state = post.state or replica.state
    code = "" if post.exit_code is None else f", exit code {post.exit_code}"
    memory = ", out of memory" if post.oom else ""
    lines = [f"{replica.name} on {replica.host}: {state}{code}{memory}, restarted {replica.restarts} times"]
    if error := post.detail.get("error"):
        lines.append(f"  engine: {error}")
    lines += [f"  check: {answer}" for answer in answers]
    return lines + [f"  log: {line}" for line in post.log]
