"""The coordinator of one batch of a play's hosts: starts what the walker says is ready, takes what ends."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from orchestr8.compile import fragment
from orchestr8.compile.rows import Kind, Row
from orchestr8.compile.serial import too_many
from orchestr8.core.errors import Diagnostic, Internal, O8Error
from orchestr8.core.event import HandlerNotified, HostFinished, NobodyLeft, Warned
from orchestr8.core.outcome import Outcome, Status
from orchestr8.engine import attempt, results, telling
from orchestr8.engine.batch_end import BatchEnd
from orchestr8.engine.cell import Cell as Work
from orchestr8.engine.cell import Done, Inclusion
from orchestr8.engine.executor import Executor, lost
from orchestr8.engine.gate import Gate, throttle_of
from orchestr8.engine.host_state import HostState
from orchestr8.engine.meta import Meta
from orchestr8.engine.play_run import PlayRun
from orchestr8.engine.shared import Shared
from orchestr8.engine.step import Step
from orchestr8.engine.walker import BAD, GOOD, LOST, Cell, Walker

_DID_SOMETHING = (Status.OK, Status.CHANGED, Status.FAILED)


class Batch:
    """Walks a play's graph over one batch of hosts."""

    def __init__(self, run: PlayRun, shared: Shared, hosts: Sequence[HostState], number: int) -> None:
        self.play = run
        self.shared = shared
        self.hosts = list(hosts)
        self.end = BatchEnd()
        rows = [replace(row, needs=list(row.needs)) for row in run.graph.rows]
        self.walker = Walker(rows, len(hosts))
        self.handlers = run.handlers()
        self._number = number
        self._executor = Executor(shared.tools)
        self._meta = Meta(self)
        self._ready: deque[Cell] = deque()
        self._gate = self._make_gate()
        self._steps: dict[int, Step] = {}
        self._told: set[int] = set()
        self._wanted: dict[int, dict[int, Sequence[Inclusion]]] = {}
        self._failed: set[int] = set()
        self.shared.warn(self.handlers.warnings())

    def _make_gate(self) -> Gate:
        settings, walker, last = self.play.settings, self.walker, self.play.graph.exit
        places = self.shared.tools.options.forks if settings.pinned else None
        return Gate(
            lambda host: bool(walker.gone[host]) or walker.state(last, host) >= GOOD,
            alone=not settings.parallel,
            places=places,
        )

    def go(self) -> BatchEnd:
        """Walk to the end; every cell ends."""
        self._ready.extend(self.walker.begin())
        while not self.walker.finished:
            if self.shared.interrupted and not self.walker.stopped:
                self.stop()
            moved = self._dispatch()
            self._settle_arrived()
            if self.walker.finished:
                break
            if self.shared.lanes.busy == 0:
                if self._ready or self.walker.arrived:
                    if not moved:
                        self._gate.widen()
                    continue
                raise Internal(Diagnostic("O8-9001", "the task graph came to a stand before its end"))
            self._take(*self.shared.lanes.next())
        return self._ended()

    def stop(self) -> None:
        """Start nothing more; what runs ends."""
        waiting = list(self._ready)
        self._ready.clear()
        self._more(self.walker.stop())
        for row, host in waiting:
            self._more(self.walker.cancel(row, host))

    def _more(self, cells: Sequence[Cell]) -> None:
        self._ready.extend(cells)

    def _ended(self) -> BatchEnd:
        exit_row = self.play.graph.exit
        for number, host in enumerate(self.hosts):
            if host.name in self.end.lost or self.walker.forgiven[number]:
                continue
            if self.walker.state(exit_row, number) == BAD or number in self._failed:
                self.end.failed.append(host.name)
        if self.end.broken:
            self.shared.tools.sink.emit(NobodyLeft())
        everybody = len(self.end.failed) + len(self.end.lost) >= len(self.hosts)
        self.end.broken = self.end.broken or (everybody and bool(self.hosts))
        return self.end

    def _dispatch(self) -> bool:
        """Start ready cells while lanes are free, others stay in their order; return whether any moved on."""
        moved = False
        later: list[Cell] = []
        while self._ready and self.shared.lanes.free > 0:
            row, host = self._ready.popleft()
            if self.walker.stopped or self.walker.gone[host]:
                self._more(self.walker.cancel(row, host))
            elif self._gate.waits(row, host, self._throttle(self.walker.rows[row])):
                later.append((row, host))
                continue
            else:
                self._start(self.walker.rows[row], host)
            moved = True
        self._ready.extendleft(reversed(later))
        return moved

    def _throttle(self, row: Row) -> int:
        return throttle_of(self._step(row), self.play.settings.render) if row.task else 0

    def _step(self, row: Row) -> Step:
        step = self._steps.get(row.index)
        if step is None:
            step = self._steps[row.index] = self.play.step(row, self.play.key(self._number, row.index))
        return step

    def _start(self, row: Row, host: int) -> None:
        host = next(iter(self._sharing(row)), host)
        if row.kind is Kind.FLUSH:
            self._flush(row, host)
        elif row.kind is Kind.SERVICES:
            self._services(row, host)
        elif self._passes(row, host) or not self._is_chosen(row, host):
            self._more(self.walker.finish(row.index, host, GOOD))
        elif row.task is not None and row.task.action == "meta":
            self._more(self.walker.finish(row.index, host, self._meta.do(self.work(row, host))))
        else:
            self._submit(row, host)

    def _passes(self, row: Row, host: int) -> bool:
        """Return whether a row is passed over in silence: its role ended, or facts are there already."""
        state = self.hosts[host]
        roles = () if row.context.handler else row.context.roles
        ended = state.ended_roles and any(str(id(use)) in state.ended_roles for use in roles)
        if ended or self._role_is_done(row, host):
            return True
        implicit = row.task is not None and row.task.implicit
        return implicit and state.gathered and self.shared.tools.options.gathering == "smart"

    def _role_is_done(self, row: Row, host: int) -> bool:
        ran = self.hosts[host].ran_roles
        return any(ran.get(what, number) != number for what, number in row.context.runs)

    def _sharing(self, row: Row) -> list[int]:
        """Return the hosts for which a shared cell does something; one whose role ran needs nothing."""
        return [each for each in self.walker.sharing(row.index) if not self._role_is_done(row, each)]

    def work(self, row: Row, host: int) -> Work:
        """Return the cell of a row on a host, for all hosts that share it."""
        step = self._step(row)
        state = self.hosts[host]
        sharing = [self.hosts[each] for each in self._sharing(row)] or [state]
        sharing.sort(key=lambda each: each is not state)
        return Work(
            step, state, tuple(sharing), self.play.scope(state, step.layers), self.shared.tools.templar
        )

    def _submit(self, row: Row, host: int) -> None:
        step, state = self._step(row), self.hosts[host]
        self.announce(row, host)
        states = [state, *(self.hosts[each] for each in self._sharing(row) if each != host)]
        self._run(row, host, partial(self._carry_out, step, states))

    def _is_chosen(self, row: Row, host: int) -> bool:
        """Return whether a task is to be carried out: with `--step` the user says so."""
        if self.shared.stepping is None or row.task is None or row.task.action == "meta":
            return True
        state, linear = self.hosts[host], self.play.settings.linear
        title, key = self._title(row, state), self.play.key(self._number, row.index)
        return self.shared.stepping.wants(key, title or row.task.action, "" if linear else state.name)

    def _carry_out(self, step: Step, states: Sequence[HostState]) -> Done:
        scope, debugger = self.play.scope(states[0], step.layers), self.shared.debugger
        if debugger:
            return debugger.run(self._executor, step, states, scope)
        return self._executor.run(step, states, scope)

    def _run(self, row: Row, host: int, job: Any) -> None:
        self._gate.began(row.index, self.walker.sharing(row.index) or (host,))
        self.shared.lanes.submit((row.index, host), job)

    def announce(self, row: Row, host: int) -> None:
        """Tell once that a row begins; its name is rendered as its first host sees it."""
        if row.index in self._told or row.task is None:
            return
        self._told.add(row.index)
        key, name = self.play.key(self._number, row.index), self._title(row, self.hosts[host])
        handler = row.kind is Kind.HANDLER or row.context.handler
        self.shared.tools.sink.emit(telling.started(row.task, key, name, handler=handler))

    def _title(self, row: Row, state: HostState) -> str:
        assert row.task is not None  # only tasks have titles
        return self.play.title(row.task, state, self._step(row).layers, self.shared.tools.templar)

    def _take(self, tag: Any, result: Any) -> None:
        if tag is None:
            return
        row, host = self.walker.rows[tag[0]], tag[1]
        self._gate.ended(row.index, self.walker.sharing(row.index) or (host,))
        if isinstance(result, Mapping):
            self._services_done(row, host, result)
            return
        done = result if isinstance(result, Done) else Done(self.shared.broken(result))
        self._finish(row, host, done)

    def _finish(self, row: Row, host: int, done: Done) -> None:
        shared = self.walker.sharing(row.index) or (host,)
        outcome = self._notify(row, shared, done)
        for notes in done.notes:
            self.shared.hosts.take(self.hosts[host].name, notes)
            for data, per_host, aggregate in notes.stats:
                self.shared.tally.leave(self.hosts[host].name, data, per_host=per_host, aggregate=aggregate)
        end = LOST if lost(done) else GOOD if outcome.good else BAD
        self.record(row, host, replace(done, outcome=outcome))
        if outcome.bad:
            self._mark_failed(row, host, shared, is_lost=end == LOST)
        if outcome.status in _DID_SOMETHING and (outcome.good or row.context.rescuable):
            self.hosts[host].ran_roles.update(row.context.runs)
        if row.kind is Kind.INCLUDE and end == GOOD and done.inclusions:
            self._wanted.setdefault(row.index, {})[host] = done.inclusions
            for each in shared:
                self._wanted[row.index][each] = done.inclusions
            if not row.hold:
                end = BAD if self._expand(row) else GOOD
        self._more(self.walker.finish(row.index, host, end))
        if outcome.bad:
            self._judge()

    def record(self, row: Row, host: int, done: Done) -> None:
        """Count and tell how a row ended on a host."""
        name = self.hosts[host].name
        key = self.play.key(self._number, row.index)
        rescued = row.context.rescuable and done.outcome.status is Status.FAILED and done.outcome.bad
        if not (done.inclusions and done.outcome.good):
            self.shared.tally.add(key, name, done.outcome, rescued=rescued)
        self.shared.tools.sink.emit(
            HostFinished(key, name, done.outcome, done.delegate, done.loop, done.no_log, rescued, done.diff)
        )

    def forgive(self) -> None:
        """Forget that hosts failed: they go on behind the block in whose `always` this is asked for."""
        lost = {number for number, host in enumerate(self.hosts) if host.name in self.end.lost}
        for host in {*self._failed, *lost}:
            self.walker.forgive(host)
            tally, name = self.shared.tally, self.hosts[host].name
            tally.forgiven[name] = tally.failures(name)
        self._failed.clear()
        self.end.lost.clear()

    def _mark_failed(self, row: Row, host: int, shared: Sequence[int], *, is_lost: bool) -> None:
        for each in shared:
            self.walker.forgiven[each] = 0
        state = self.hosts[host]
        if is_lost:
            self.end.lost.append(state.name)
        elif row.context.rescuable and row.task:
            result = self.shared.tally.outcomes[self.play.key(self._number, row.index)][state.name].result
            failed = telling.of_failure(row.task, result)
            for each in shared:
                self.hosts[each].define(failed)
        else:
            self._failed.update(shared)
        if is_lost or not row.context.rescuable:
            out = {*self.end.lost, *(self.hosts[each].name for each in self._failed)}
            magic = self.play.layers.magic
            for name in ("ansible_play_hosts", "ansible_play_batch", "play_hosts"):
                magic[name] = [each for each in magic[name] if each not in out]

    def _judge(self) -> None:
        """Stop the play when more hosts failed than `max_fail_percentage` allows."""
        limit = self.play.play.max_fail_percentage
        if limit is None or self.walker.stopped:
            return
        failed = len(self._failed) + len(self.end.lost)
        if too_many(failed, len(self.hosts), self.play.settings.render(limit)):
            self.end.broken = True
            self.stop()

    def _notify(self, row: Row, hosts: Sequence[int], done: Done) -> Outcome:
        for name in done.notified:
            asked = self.handlers.notify(name, hosts)
            if asked is None and row.task and self.shared.tools.options.missing_handlers:
                missing = replace(self.handlers.unknown(name, row.task), severity="warning")
                self.shared.tools.sink.emit(Warned(missing))
            elif asked is None and row.task:
                error = O8Error(self.handlers.unknown(name, row.task))
                return results.outcome({**done.outcome.result, **results.failure(error)})
            for host in hosts:
                for handler in asked or ():
                    self.shared.tools.sink.emit(HandlerNotified(handler, self.hosts[host].name))
        return done.outcome

    def _settle_arrived(self) -> None:
        while self.walker.arrived:
            row = self.walker.rows[self.walker.arrived.pop(0)]
            failed: Sequence[int] = ()
            if row.kind is Kind.INCLUDE and not self.walker.stopped:
                failed = self._expand(row)
            elif row.kind is Kind.FLUSH and not self.walker.stopped:
                self._next_handler(row, tuple(self.walker.cells(row.index)))
            self._more(self.walker.settle(row.index, failed))

    def _expand(self, row: Row) -> Sequence[int]:
        """Splice in what hosts want included; return the hosts for which that failed."""
        parts = self.shared.includes.parts(row, self._wanted.pop(row.index, {}))
        for use, public in parts.roles:
            self.handlers.add_role(use, row.context.roles)
            self.shared.warn(self.handlers.warnings())
            self.play.joined(use)
            if public:
                self.play.layers.publish(use)
        for host, error in parts.errors.items():
            self.record(row, host, Done(telling.of_inclusion(row.task, error)))
            self._mark_failed(row, host, (host,), is_lost=False)
        for part in parts.included:
            names = [self.hosts[at].name for at in part.hosts]
            self.shared.included(self.play.key(self._number, row.index), names, part)
        settings = replace(self.play.settings, start_at=None)
        self._splice(
            row,
            lambda: fragment.included(row, parts.included, len(self.walker.rows), settings, self.play.roles),
        )
        return list(parts.errors)

    def _splice(self, row: Row, make: Any) -> None:
        try:
            found = make()
        except O8Error as error:
            self.shared.note_exit(error)
            raise
        self._more(self.walker.add(found.rows, found.members, row.end))

    def _flush(self, row: Row, host: int) -> None:
        if not row.hold:
            self._next_handler(row, (host,))
        self._more(self.walker.finish(row.index, host, GOOD))

    def _next_handler(self, row: Row, hosts: Sequence[int]) -> None:
        if row.task is not None and (row.task.keywords.when or row.context.keywords.when):
            hosts = [host for host in hosts if self._flushes(row, host)]
        found = self.handlers.next(row.after_flush, hosts)
        if found is None:
            return
        at, wanting = found
        handler = self.handlers.all[at]
        if row.after_flush == 0:
            self._meta.flushed(row, wanting)
        settings = replace(self.play.settings, tags=(), skip_tags=(), start_at=None)
        flush = row if row.hold else replace(row, hosts=tuple(hosts))
        first = len(self.walker.rows)
        # A handler that fails is rescued where it was flushed.
        context = replace(handler.context, rescuable=row.context.rescuable)
        self._splice(
            row, lambda: fragment.handler(flush, handler.task, context, wanting, at, first, settings)
        )

    def _flushes(self, row: Row, host: int) -> bool:
        """Return whether the condition of a flush holds on a host; one that fails is the host's failure."""
        try:
            return attempt.unmet(self.work(row, host)) is None
        except O8Error as error:
            self.record(row, host, Done(results.outcome(results.failure(error))))
            self._mark_failed(row, host, (host,), is_lost=False)
            return False

    def _services(self, row: Row, host: int) -> None:
        hosts = [self.hosts[each] for each in self.walker.sharing(row.index) or (host,)]
        self._run(
            row, host, partial(self.shared.serve, self.play, self.play.key(self._number, row.index), hosts)
        )

    def _services_done(self, row: Row, host: int, outcomes: Mapping[str, Outcome]) -> None:
        each: dict[int, int] = {}
        for number in self.walker.sharing(row.index) or (host,):
            done = Done(outcomes.get(self.hosts[number].name, Outcome(Status.OK)))
            outcome = done.outcome
            each[number] = LOST if lost(done) else GOOD if outcome.good else BAD
            self.record(row, number, done)
            if outcome.bad:
                self._mark_failed(row, number, (number,), is_lost=each[number] == LOST)
        self._more(self.walker.finish(row.index, host, each.get(host, GOOD), each))
        self._judge()
