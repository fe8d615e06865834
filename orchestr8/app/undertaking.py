"""The way of every verb that changes services: look at the hosts, plan, ask, carry out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from orchestr8.app.fleet import Fleet, open_fleet
from orchestr8.app.request import FleetRequest
from orchestr8.app.services import MODULES
from orchestr8.app.services_fleet import Deployed, chosen, deployed, services_of
from orchestr8.app.signals import stopping
from orchestr8.app.sinks import choose
from orchestr8.core.clock import SystemClock
from orchestr8.core.errors import Diagnostic, Exit, InvalidInput
from orchestr8.core.event import Warned
from orchestr8.deploy.model import Desired, Verdict
from orchestr8.deploy.planner import Plan
from orchestr8.engine.ports import Sink
from orchestr8.engine.services.converge import Ended
from orchestr8.engine.services.play_services import foreseen
from orchestr8.engine.services.verdicts import require_good


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked of services: by which verb, of which project (None: of those found), only to be told."""

    verb: str
    project: str | None = None
    check: bool = False


@dataclass(frozen=True, slots=True)
class Course:
    """What is to become of services of one project, and what is asked before it is done.

    ends: how a rollout may end beside converging, because that was asked for. changing: the services that
    the plan does something about.
    """

    found: Deployed
    desired: tuple[Desired, ...]
    question: str
    ends: frozenset[str] = frozenset()
    changing: frozenset[str] = frozenset()


@dataclass(slots=True)
class _Stop:
    asked: bool = False

    def ask(self) -> None:
        self.asked = True


Agree = Callable[[str], bool]
Courses = Callable[[Fleet, Sequence[Deployed]], Sequence[Course]]


def undertake(request: FleetRequest, wish: Wish, courses: Courses, agree: Agree, *, coloured: bool) -> int:
    """Carry out what `courses` makes of the projects found; return the exit code.

    Everything is planned before anything is asked or done. `agree` is asked once all plans were shown.
    """
    require_whole(request)
    sink = choose(replace(request, plain=True), SystemClock(), coloured=coloured)
    with open_fleet(request, MODULES) as fleet:
        stop = _Stop()
        found = deployed(fleet, chosen(fleet, wish.project), sink, lambda: stop.asked, f"o8 {wish.verb}")
        with _alone(found):
            todo = _decided(fleet, found, courses, sink, wish)
            if wish.check or not todo:
                return int(Exit.OK)
            if not request.skip_hooks:
                _require_no_hooks(todo)
            if not _hold(todo):
                todo = _todo(courses(fleet, [_again(d) for d in found]), sink)
            if todo and not agree("; ".join(dict.fromkeys(c.question for c in todo))):
                return int(Exit.INVALID)
            with stopping(stop.ask) as stopped:
                for course in todo:
                    _carry_out(course)
        return int(stopped.code or Exit.OK)


def _decided(
    fleet: Fleet, found: Sequence[Deployed], courses: Courses, sink: Sink, wish: Wish
) -> list[Course]:
    """Return what is to be done; what makes no sense while somebody else is at work is for them to end."""
    try:
        return _todo(courses(fleet, found), sink)
    except InvalidInput:
        busy = [d for d in found if d.rollout.busy]
        if wish.check or not busy:
            raise
    for each in busy:
        each.rollout.hold_everywhere()
    return _todo(courses(fleet, [_again(d) for d in found]), sink)


def _require_no_hooks(todo: Sequence[Course]) -> None:
    """Raise InvalidInput when services have hooks: only their playbook knows the tasks."""
    changing = [d for course in todo for d in course.desired if d.service in course.changing]
    for service, phases in sorted((d.service, d.spec.hooks) for d in changing if d.spec.hooks):
        text = f"`{service}` has hooks ({', '.join(phases)}), and only its playbook knows their tasks"
        hint = "use `o8 run`, or go on without them with --skip-hooks"
        raise InvalidInput(Diagnostic("O8-3324", text, hint=hint))


def _todo(courses: Sequence[Course], sink: Sink) -> list[Course]:
    planned = [(course, _planned(course, sink).trace.waves) for course in courses]
    return [
        replace(c, changing=frozenset(a.service for w in waves for a in w)) for c, waves in planned if waves
    ]


@contextmanager
def _alone(found: Sequence[Deployed]) -> Iterator[None]:
    """Let others change the projects again at the end, whatever happened."""
    try:
        yield
    finally:
        for each in found:
            each.rollout.let_go()


def _hold(todo: Sequence[Course]) -> bool:
    """Keep others from changing what is to be changed; return whether what was seen still stands."""
    ordered = sorted(todo, key=lambda c: c.found.project)
    stands = [c.found.rollout.hold(c.desired, c.found.observed) for c in ordered]
    return all(stands)


def _again(found: Deployed) -> Deployed:
    return replace(found, observed=found.rollout.observe())


def require_whole(request: FleetRequest) -> None:
    """Raise InvalidInput when a limit hides hosts: services are decided for all of them together."""
    if request.limit:
        text = "services are decided for all hosts together, so --limit does not fit"
        raise InvalidInput(Diagnostic("O8-3304", text, hint="leave --limit out"))


def _planned(course: Course, sink: Sink) -> Plan:
    """Return what would be done, told; raise when it cannot be."""
    rollout, observed = course.found.rollout, course.found.observed
    planned = rollout.plan(course.desired, observed, services_of(course.found))
    require_good(_accepted(foreseen(planned), course), rollout.crew.lost)
    _warn_of_pulls(planned, sink)
    return planned


def _carry_out(course: Course) -> None:
    rollout = course.found.rollout
    ended = rollout.carry_out(course.desired, course.found.observed)
    require_good(_accepted(ended, course), rollout.crew.lost)


def _accepted(ended: Ended, course: Course) -> Ended:
    """Return how it ended, where an end that was asked for is as good as any."""
    verdicts = {s: Verdict("converged") if v.end in course.ends else v for s, v in ended.verdicts.items()}
    return replace(ended, verdicts=verdicts)


def _warn_of_pulls(planned: Plan, sink: Sink) -> None:
    """Say which hosts lack the image: without the registry they cannot get it."""
    pulls = sorted({a.host for wave in planned.trace.waves for a in wave if a.kind == "pull"})
    if pulls:
        text = f"{', '.join(pulls)} must pull the image again; without the registry this fails"
        sink.emit(Warned(Diagnostic("O8-3315", text, severity="warning")))
