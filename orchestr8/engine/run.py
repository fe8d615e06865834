"""Runs playbooks: play after play, batch after batch."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from orchestr8.compile.nodes import Selection
from orchestr8.compile.order import ordered
from orchestr8.compile.play import check_started, compile_play
from orchestr8.compile.serial import batches
from orchestr8.compile.settings import Settings
from orchestr8.core.clock import Clock, SystemClock
from orchestr8.core.errors import Exit
from orchestr8.core.event import PlayStarted, RunFinished, RunStarted, Warned
from orchestr8.core.ids import run_id
from orchestr8.engine.assumed import assumed
from orchestr8.engine.batch import Batch
from orchestr8.engine.batch_end import BatchEnd
from orchestr8.engine.connections import Connections, MakeEndpoint
from orchestr8.engine.conversation import Conversations
from orchestr8.engine.debugger import Debugger
from orchestr8.engine.executor import Tools
from orchestr8.engine.host_state import HostState
from orchestr8.engine.hosts import Hosts
from orchestr8.engine.includes import Includes
from orchestr8.engine.options import RunOptions
from orchestr8.engine.play_run import PlayRun
from orchestr8.engine.play_values import PlayValues
from orchestr8.engine.ports import FactCache, Sink, Terminal, Transport
from orchestr8.engine.reach import Reach
from orchestr8.engine.scopes import Scopes, run_magic
from orchestr8.engine.services_port import ServiceStep
from orchestr8.engine.shared import Shared
from orchestr8.engine.step import Step
from orchestr8.engine.stepping import Stepping
from orchestr8.engine.tally import RunResult
from orchestr8.engine.work import Action
from orchestr8.inventory.inventory import Inventory
from orchestr8.language.catalog import Catalog
from orchestr8.language.files import Files
from orchestr8.language.load import Loader
from orchestr8.language.search import Search
from orchestr8.language.syntax import Play, Playbook, Prompt
from orchestr8.language.yaml import Document
from orchestr8.template.templar import Templar
from orchestr8.template.variables import HostVars


@dataclass(frozen=True, slots=True)
class Means:
    """What a run is given by wiring. ask: gets the value of a `vars_prompt` from the user.

    confirm: asks the user before every task; returns the answer.
    terminal: where the debugger talks with the user, None where nobody is there.
    """

    inventory: Inventory
    catalog: Catalog
    loader: Loader
    actions: Mapping[str, Action]
    transport: Transport
    endpoint: MakeEndpoint
    sink: Sink
    templar: Templar
    options: RunOptions
    clock: Clock | None = None
    services: ServiceStep | None = None
    ask: Callable[[Prompt], Any] | None = None
    facts: FactCache | None = None
    confirm: Callable[[str], str] | None = None
    terminal: Terminal | None = None


class Run:
    """One run of a playbook; `interrupt` may be called from a signal handler."""

    def __init__(self, means: Means) -> None:
        self._means = means
        self._clock = means.clock or SystemClock()
        self._hosts = Hosts(means.inventory, means.facts)
        known = assumed(means.options)
        self._scopes = Scopes(means.options.extra_vars, {"ansible_managed": means.options.managed}, known)
        self._connections = Connections(means.transport, means.endpoint)
        reach = Reach(self._connections, means.options, means.templar, self._hosts, self._scopes.of_host)
        talk = Conversations(means.templar, means.actions, reach, self._finder, means.options.verbosity)
        tools = Tools(means.templar, reach, talk, means.sink, self._clock, means.options, means.catalog)
        includes = Includes(means.loader, means.options.playbook_dir)
        self.shared = Shared(tools, self._hosts, includes, means.services)
        self.shared.publish = known.learn
        if means.confirm:
            self.shared.stepping = Stepping(means.confirm)
        if means.terminal:
            self.shared.debugger = Debugger(means.terminal, tools, self.shared.interrupt)
        self._out: set[str] = set()

    def interrupt(self) -> None:
        """Start nothing more; what is under way ends."""
        self.shared.interrupt()

    def playbook(self, playbook: Playbook) -> RunResult:
        """Run every play; raise InvalidInput for what only shows when a play is compiled."""
        started, number = self._clock.monotonic(), run_id(self._clock)
        options, sink = self._means.options, self._means.sink
        sink.emit(RunStarted(number, playbook.path, options.check, len(playbook.plays)))
        selection = Selection(
            Settings(tags=options.tags, skip_tags=options.skip_tags, start_at=options.start_at)
        )
        try:
            self._plays(playbook, selection)
            if not self.shared.interrupted:
                check_started(selection, options.start_at)
        finally:
            self.shared.lanes.close()
            self._connections.close()
            for error in self._hosts.keep_facts():
                self.shared.warn(error.diagnostics)
        seconds = self._clock.monotonic() - started
        result = RunResult(
            self.shared.tally.tallies(),
            self.shared.tally.outcomes,
            self._exit_code(),
            seconds,
            self.shared.interrupted,
        )
        sink.emit(
            RunFinished(
                number,
                result.tallies,
                result.exit_code,
                seconds,
                result.interrupted,
                custom=self.shared.tally.custom,
            )
        )
        return result

    def _exit_code(self) -> int:
        if self.shared.exit:
            return int(self.shared.exit)
        if self.shared.interrupted:
            return int(Exit.INTERRUPTED)
        if self.shared.misread and not self.shared.tally.touched():
            return int(Exit.INVALID)
        return self.shared.tally.exit_code()

    def _plays(self, playbook: Playbook, selection: Selection) -> None:
        for number, play in enumerate(playbook.plays):
            if self.shared.interrupted or self._play(play, number, selection):
                return

    def _play(self, play: Play, number: int, selection: Selection) -> bool:
        """Run one play; return whether the run stops after it."""
        values = PlayValues(self._means, self._scopes, play)
        hosts = self._select(play, values)
        settings = values.settings()
        selection.judge_by(settings)
        graph = compile_play(play, settings, selection)
        if not hosts:
            self._means.sink.emit(PlayStarted(_title(play, settings), ()))
            return False
        run = PlayRun(graph, settings, values.layers, self._scopes, self._means.catalog, number)
        names = [host.name for host in hosts]
        for index, batch in enumerate(batches(hosts, _sizes(values.render(size) for size in play.serial))):
            end = self._batch(run, batch, index, names)
            self._out.update(end.failed, end.lost)
            if end.broken or self.shared.interrupted:
                return True
            if end.play_over:
                break
        return False

    def _batch(self, run: PlayRun, batch: Sequence[HostState], index: int, names: Sequence[str]) -> BatchEnd:
        means = self._means
        title = _title(run.play, run.settings)
        members = [host.name for host in batch]
        about = run_magic(means.options)
        about["ansible_inventory_sources"] = [*map(os.path.abspath, means.inventory.sources)]
        hostvars = HostVars(
            means.templar, self._hosts.names, lambda name: self._scopes.of_host(self._hosts(name), about)
        )
        run.layers.magic.update(about)
        run.layers.magic.update(run.magic(members, names, hostvars))
        for name in members:
            self.shared.tally.host(name)
        means.sink.emit(PlayStarted(title, tuple(members), sum(1 for row in run.graph.rows if row.task)))
        return Batch(run, self.shared, batch, index).go()

    def _select(self, play: Play, values: PlayValues) -> list[HostState]:
        found = self._means.inventory.selection(values.render(play.hosts), self._means.options.limit)
        for warning in found.warnings:
            self._means.sink.emit(Warned(warning))
        chosen = [host.name for host in found.hosts if host.name not in self._out]
        how = values.render(play.order)
        return [self._hosts(name) for name in ordered(chosen, how, str, random.shuffle)]

    def _finder(self, step: Step) -> _Finder:
        paths = tuple(use.role.path for use in step.row.context.roles)
        search = Search(step.task.source, self._means.options.playbook_dir, paths)
        return _Finder(search, self._means.loader.files)


@dataclass(frozen=True, slots=True)
class _Finder:
    """The files of a run, as a task sees them from where it stands."""

    search: Search
    files: Files

    def find(self, name: str, folder: str) -> str:
        return self.search.find(name, folder)

    def parse(self, data: bytes, path: str) -> Document:
        return self.files.parse(data, path)


def _sizes(rendered: Iterable[Any]) -> list[Any]:
    """Return batch sizes one by one: a template may have made a list of one entry."""
    sizes: list[Any] = []
    for size in rendered:
        sizes += size if isinstance(size, list) else [] if size is None else [size]
    return sizes


def _title(play: Play, settings: Settings) -> str:
    return str(settings.render(play.keywords.name) or _pattern(play))


def _pattern(play: Play) -> str:
    return ",".join(map(str, play.hosts)) if isinstance(play.hosts, list | tuple) else str(play.hosts)


def run_playbook(playbook: Playbook, means: Means) -> RunResult:
    """Run a playbook from its first play to its last."""
    return Run(means).playbook(playbook)
