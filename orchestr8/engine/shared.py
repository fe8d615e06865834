"""What all plays of a run share: tools, hosts, counts, lanes, and the wish to stop."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from orchestr8.compile import fragment
from orchestr8.core.errors import Diagnostic, Exit, InvalidInput, O8Error, Unreachable
from orchestr8.core.event import Included, TaskStarted, Warned
from orchestr8.core.outcome import Outcome, Status
from orchestr8.engine import results
from orchestr8.engine.debugger import Debugger
from orchestr8.engine.executor import Tools
from orchestr8.engine.extra_tasks import run_extra
from orchestr8.engine.host_state import HostState
from orchestr8.engine.hosts import Hosts
from orchestr8.engine.includes import Includes
from orchestr8.engine.lanes import Lanes
from orchestr8.engine.play_run import PlayRun
from orchestr8.engine.services_port import ServiceCall, ServiceStep, unread
from orchestr8.engine.stepping import Stepping
from orchestr8.engine.tally import Tally


class Shared:
    """The means of a run. exit: an exit code that outweighs what hosts' ends ask for.

    stepping: asks before every task, or None. debugger: talks about tasks that ended badly, or None.
    """

    def __init__(self, tools: Tools, hosts: Hosts, includes: Includes, services: ServiceStep | None) -> None:
        self.tools = tools
        self.hosts = hosts
        self.includes = includes
        self.lanes = Lanes(tools.options.forks)
        self.tally = Tally()
        self.interrupted = False
        self.exit: int = 0
        self.misread = False
        """Whether services, before anything failed, turned out to be written wrongly."""
        self.inner: list[Shared] = []
        self.stepping: Stepping | None = None
        self.debugger: Debugger | None = None
        self._services = services
        self.publish: Callable[[Mapping[str, Any]], None] = unread
        """Makes variables visible to every task that follows."""

    def interrupt(self) -> None:
        """Ask the run to start nothing more, nor what runs within a step of it."""
        self.interrupted = True
        self.lanes.wake()
        for inner in list(self.inner):
            inner.interrupt()

    def note_exit(self, error: O8Error) -> None:
        """Remember the exit code of a failure that says more than that a host failed."""
        special = error.exit_code not in (Exit.INVALID, Exit.FAILED, Exit.UNREACHABLE)
        if special and self.exit != Exit.INTERNAL:
            self.exit = int(error.exit_code)

    def warn(self, warnings: Iterable[Diagnostic]) -> None:
        """Tell of what may surprise."""
        for warning in warnings:
            self.tools.sink.emit(Warned(warning))

    def included(self, key: str, names: Sequence[str], part: fragment.Included) -> None:
        """Count and tell a file that hosts include; each file counts, as in Ansible's recap."""
        for name in names:
            self.tally.add(key, name, Outcome(Status.OK))
        self.tools.sink.emit(Included(key, part.name, tuple(names), part.label))

    def broken(self, error: BaseException) -> Outcome:
        """Return the outcome of work that ended by an error, and take note of it."""
        if isinstance(error, O8Error):
            self.note_exit(error)
            return results.outcome(results.failure(error))
        self.defect(error)
        message = f"internal error: {type(error).__name__}: {error}"
        return Outcome(Status.FAILED, {"failed": True, "changed": False, "msg": message})

    def defect(self, error: BaseException) -> None:
        """Report a defect of ours."""
        self.exit = Exit.INTERNAL
        last = traceback.extract_tb(error.__traceback__)[-1:]
        place = f"{last[0].filename.rpartition('/')[2]}:{last[0].lineno}" if last else ""
        message = f"internal error: {type(error).__name__}: {error}"
        notes = (f"at {place}", "please report this")
        self.tools.sink.emit(Warned(Diagnostic("O8-9002", message, notes=notes)))

    def serve(self, play: PlayRun, key: str, hosts: Sequence[HostState]) -> Mapping[str, Outcome]:
        """Carry out a play's services on hosts; failures become outcomes."""
        tools = self.tools
        names = [host.name for host in hosts]
        title = f"services {', '.join(map(str, play.play.services))}"
        tools.sink.emit(TaskStarted(key, title, "services", play.play.services.span))
        call = ServiceCall(
            key=key,
            play=play.play,
            services=play.play.services,
            hosts=names,
            scope_of=lambda name: self._scope(play, name),
            connection_of=lambda name: tools.reach.connection(self.hosts(name), self._scope(play, name)),
            templar=tools.templar,
            sink=tools.sink,
            stopped=lambda: self.interrupted,
            check=tools.options.check,
            diff=tools.options.diff,
            publish=self.publish,
            hook=lambda service, phase: self._hook(play, hosts, service, phase),
            replica_hook=lambda service, phase, host, variables: self._hook(
                play, [h for h in hosts if h.name == host], service, phase, variables
            ),
        )
        try:
            return self._step()(call)
        except O8Error as error:
            self.note_exit(error)
            self.misread = self.misread or (_is_input(error) and not self.tally.exit_code())
            if isinstance(error, Unreachable):
                self.exit = self.exit or int(error.exit_code)
            result: dict[str, Any] = {"failed": True, "changed": False, "msg": error.message}
            if hints := [d.hint for d in error.diagnostics if d.hint]:
                result["hint"] = "; ".join(hints)
            return dict.fromkeys(names, Outcome(Status.FAILED, result, results.places_of(error)))

    def _hook(
        self,
        play: PlayRun,
        hosts: Sequence[HostState],
        service: str,
        phase: str,
        variables: Mapping[str, Any] | None = None,
    ) -> None:
        nodes = play.play.hooks.get((service, phase))
        if nodes:
            run_extra(self, play, nodes, hosts, f"`{phase}` of service `{service}`", variables or {})

    def _scope(self, play: PlayRun, name: str) -> Any:
        from orchestr8.compile.context import Context
        from orchestr8.engine.scopes import StepLayers

        return play.scope(self.hosts(name), StepLayers(Context(), None, play.layers))

    def _step(self) -> ServiceStep:
        if self._services is None:
            raise O8Error(Diagnostic("O8-9003", "nothing here can carry out services"))
        return self._services


def _is_input(error: O8Error) -> bool:
    """Return whether an error is about what the user wrote, templates included."""
    return isinstance(error, InvalidInput) or all(d.code.startswith("O8-1") for d in error.diagnostics)
