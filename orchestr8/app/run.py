"""The whole path of a run: files, checks, hosts, tasks and services, report, exit code."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from orchestr8.app.fact_caches import fact_cache
from orchestr8.app.playbooks import Project, read_project
from orchestr8.app.request import RunRequest
from orchestr8.app.secrets import Masked
from orchestr8.app.settings import Settings
from orchestr8.app.settings_unheeded import passed_over
from orchestr8.app.signals import stopping
from orchestr8.app.sinks import choose
from orchestr8.core.clock import SystemClock
from orchestr8.core.codes import DEPRECATED
from orchestr8.core.errors import Diagnostic, Exit
from orchestr8.core.event import Event, Remarked, RunFinished, Warned
from orchestr8.engine.ports import Sink
from orchestr8.engine.run import Means, Run
from orchestr8.engine.services_port import ServiceStep
from orchestr8.language.syntax import Playbook, Prompt
from orchestr8.template.secrets import Redactor
from orchestr8.template.templar import Templar
from orchestr8.transport.endpoints import endpoint
from orchestr8.transport.pool import Network

if TYPE_CHECKING:
    from orchestr8.engine.services.agreement import Agreement


def run(request: RunRequest, *, coloured: bool) -> int:
    """Run playbooks and return the exit code; mistakes in files are raised before any host is contacted."""
    network = Network()
    network.warm()
    project = read_project(request)
    sink = _Advising(choose(request, SystemClock(), coloured=coloured))
    return carry_out(project, project.playbook, request, network, sink)


def _wanted(warnings: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Return the warnings that are shown: those of what is deprecated only where nobody switched them off."""
    deprecated = frozenset() if Settings()["DEPRECATION_WARNINGS"] else DEPRECATED
    return [warning for warning in warnings if warning.code not in deprecated]


def carry_out(
    project: Project,
    playbook: Playbook,
    request: RunRequest,
    network: Network,
    sink: Sink,
    agreed: Agreement | None = None,
) -> int:
    """Run a playbook that was read, with everything real, and return the exit code.

    With `agreed`, services do what was planned for them or nothing.
    """
    sink = Masked(sink, project.secrets.redactor)
    for warning in _wanted(project.warnings):
        sink.emit(Warned(warning))
    if names := passed_over(Settings()):
        sink.emit(Remarked(f"settings that mean nothing here: {', '.join(names)}"))
    under_way = Run(_means(project, request, network, sink, agreed))
    try:
        with stopping(under_way.interrupt) as stop:
            result = under_way.playbook(playbook)
    finally:
        network.close()
    return stop.code or result.exit_code


def _means(
    project: Project, request: RunRequest, network: Network, sink: Sink, agreed: Agreement | None
) -> Means:
    return Means(
        inventory=project.inventory,
        catalog=project.catalog,
        loader=project.loader,
        actions=project.actions,
        transport=network,
        endpoint=endpoint,
        sink=sink,
        templar=_templar(project),
        options=project.options,
        services=_services(project, request, agreed),
        ask=_ask,
        facts=fact_cache(project.inventory, flush=request.flush_cache),
        confirm=_confirm if request.step else None,
        terminal=_Terminal(project.secrets.redactor) if sys.stdin.isatty() else None,
    )


def _templar(project: Project) -> Templar:
    return Templar(
        redactor=project.secrets.redactor,
        vault=project.secrets.vault,
        select_hosts=lambda pattern: [host.name for host in project.inventory.select(pattern)],
        broken_conditionals=project.options.broken_conditionals,
        plugins=project.loader.plugins,
        setting=Settings().__getitem__,
        merging=Settings()["HASH_BEHAVIOUR"] == "merge",
    )


def _services(project: Project, request: RunRequest, agreed: Agreement | None) -> ServiceStep | None:
    """Return what carries out services, loaded only when a play has some."""
    known = frozenset(str(name) for play in project.playbook.plays for name in play.services or ())
    if not known:
        return None
    from orchestr8.app.services import service_step

    return service_step(project.inventory, project.options, request.playbooks[0], known, agreed)


def _ask(prompt: Prompt) -> Any:
    """Ask for a variable at the terminal; where nobody is there, take its default."""
    options = prompt.options
    text = str(options.get("prompt") or prompt.name)
    default = options.get("default")
    if not sys.stdin.isatty():
        return default
    if options.get("private", True):
        from getpass import getpass

        return getpass(f"{text}: ") or default
    return input(f"{text}: ") or default


def _confirm(question: str) -> str:
    """Ask whether a task is wanted; where nobody answers any more, it is not."""
    try:
        return input(question)
    except EOFError:
        return ""


@dataclass(frozen=True)
class _Terminal:
    """Standard input and output, as the debugger uses them."""

    redactor: Redactor

    def ask(self, prompt: str) -> str | None:
        """Return the line typed in answer, None at the end of input."""
        try:
            return input(prompt)
        except EOFError:
            return None

    def say(self, text: str) -> None:
        """Show a text, its secrets masked."""
        print(self.redactor.mask(text))


@dataclass(frozen=True)
class _Advising:
    """Adds to the end of a run that did not converge how to go on."""

    sink: Sink

    def emit(self, event: Event) -> None:
        """Pass an event on."""
        if isinstance(event, RunFinished) and event.exit_code:
            event = replace(event, advice=(*event.advice, *_advice(event)))
        self.sink.emit(event)


def _advice(event: RunFinished) -> tuple[str, ...]:
    if event.exit_code == Exit.PAUSED:
        return ("A rollout waits for a decision: o8 promote SERVICE, or o8 abort SERVICE.",)
    words = ["o8", *sys.argv[1:]]
    again = shlex.join(words)
    bad = sorted(host for host, tally in event.tallies.items() if tally.failed or tally.unreachable)
    if event.interrupted:
        return (f"Interrupted. Go on with: {again}",)
    if event.exit_code == Exit.PAUSED:
        return ("A rollout waits for a decision: see `o8 status`, then `o8 promote` or `o8 abort`",)
    if not bad or len(bad) == len(event.tallies) or "-l" in words or "--limit" in words:
        return (f"Fix the cause and run again: {again}",)
    return (f"Fix the cause and run again: {again} -l {shlex.quote(','.join(bad))}",)
