"""Carries out one cell: loop, conditions, module or action, result, register, facts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from orchestr8.core.clock import Clock
from orchestr8.core.errors import Diagnostic, HostFailed, O8Error
from orchestr8.core.event import ItemFinished, Retrying, Warned
from orchestr8.core.outcome import Status
from orchestr8.core.span import Text, span_of
from orchestr8.engine import attempt, results
from orchestr8.engine.cell import Cell, Done
from orchestr8.engine.conversation import Conversations
from orchestr8.engine.host_state import HostState
from orchestr8.engine.items import Rounds, breaks_when, items
from orchestr8.engine.keyword_values import Values
from orchestr8.engine.options import RunOptions
from orchestr8.engine.ports import Sink
from orchestr8.engine.reach import Reach
from orchestr8.engine.results import Result
from orchestr8.engine.step import Step
from orchestr8.engine.work import Notes
from orchestr8.language.catalog import Catalog
from orchestr8.language.schema import has_template, is_template
from orchestr8.template.scope import Scope
from orchestr8.template.templar import Templar


@dataclass(frozen=True, slots=True)
class Tools:
    """What carrying out a cell takes. told: the warnings of modules that were told already."""

    templar: Templar
    reach: Reach
    talk: Conversations
    sink: Sink
    clock: Clock
    options: RunOptions
    catalog: Catalog
    told: set[str] = field(default_factory=set)


class Executor:
    """Carries out cells; used by many threads at once, each with a host of its own."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def run(self, step: Step, hosts: Sequence[HostState], scope: Scope) -> Done:
        """Carry out a step on the first host, for all of them."""
        cell = Cell(step, hosts[0], tuple(hosts), scope, self._tools.templar)
        try:
            if is_template(step.task.action):
                cell.step = _named(cell, self._tools.catalog)
            _check_throttle(cell)
            result = self._whole(cell)
        except O8Error as error:
            result = results.failure(error)
        return self._finished(cell, result)

    def _whole(self, cell: Cell) -> Result:
        if cell.step.task.loop is None:
            return self._one(cell)
        try:
            found = items(cell, cell.step.task.loop)
        except O8Error:
            # A condition that needs no item may say that the task is skipped anyway.
            condition = attempt.unmet(cell)
            if condition is None:
                raise
            return results.skipped(condition)
        return self._looped(cell, Rounds(cell, cell.step.task.loop, found))

    def _looped(self, cell: Cell, rounds: Rounds) -> Result:
        cells = cell.rounds = [cell.item(each) for each in rounds]
        hidden = self._is_hidden(cell)
        if self._may_fly(cell, rounds) and len(cells) > 1:
            done = self._flight(cells)
        else:
            done = self._one_by_one(cell, cells, rounds.pause)
        for each, result in zip(cells, done, strict=False):
            rounds.marked(result, dict(each.variables))
            self._tell_item(each, rounds, result, hidden=hidden)
            result.pop(results.PLACE, None)
        return results.summed_up(done)

    def _one_by_one(self, whole: Cell, cells: Sequence[Cell], pause: float) -> list[Result]:
        """Carry out rounds in turn; what one defines, the next ones see."""
        done: list[Result] = []
        found: dict[str, Any] = {}
        seen = 0
        for number, cell in enumerate(cells):
            if number and pause:
                self._tools.clock.sleep(pause)
            fresh, seen = _defined(whole.notes[seen:]), len(whole.notes)
            found = {**found, **fresh} if fresh else found
            if found:
                cell.scope = whole.scope.over(found).over(cell.variables)
            done.append(self._one(cell))
            if done[-1].get("unreachable") or _breaks(cell, done[-1]):
                break
        return done

    def _tell_item(self, cell: Cell, rounds: Rounds, result: Result, *, hidden: bool) -> None:
        label = rounds.label(cell, result)
        label = "(censored due to no_log)" if hidden else label
        shown = results.censored(result) if hidden else result
        ignored = bool(result.get("failed")) and self._is_ignored(cell)
        outcome = results.outcome(shown, ignored=ignored)
        item = None if hidden else cell.variables[rounds.variable]
        key, name, delegate = cell.step.key, cell.host.name, _delegate(cell)
        diff = self._is_compared(cell)
        self._tools.sink.emit(ItemFinished(key, name, label, outcome, item, delegate, diff))

    def _one(self, cell: Cell) -> Result:
        try:
            condition = attempt.unmet(cell)
            if condition is not None:
                return results.skipped(condition)
            return attempt.repeated(cell, self._tools.talk.alone, self._tools.clock, self._announce)
        except O8Error as error:
            return results.failure(error)

    def _announce(self, cell: Cell, left: int, result: Result) -> None:
        hidden = self._is_hidden(cell)
        outcome = results.outcome(results.censored(result) if hidden else result)
        self._tools.sink.emit(Retrying(cell.step.key, cell.host.name, left, outcome))

    def _may_fly(self, cell: Cell, rounds: Rounds) -> bool:
        """Return whether a loop's calls may be in flight together, judged one by one afterwards."""
        task = cell.step.task
        again = task.retries is not None or task.until or rounds.pause or breaks_when(task.loop)
        return not again and self._tools.talk.flies(cell.step)

    def _flight(self, cells: Sequence[Cell]) -> list[Result]:
        """Send the calls of all rounds together; conditions and judgement stay with each."""
        done: dict[int, Result] = {}
        going: dict[int, Cell] = {}
        for number, cell in enumerate(cells):
            try:
                condition = attempt.unmet(cell)
                if condition is None:
                    going[number] = cell
                else:
                    done[number] = results.skipped(condition)
            except O8Error as error:
                done[number] = results.failure(error)
        for number, answer in self._tools.talk.together(going).items():
            done[number] = attempt.once(cells[number], partial(_given, answer))
        return [done[number] for number in range(len(cells))]

    def _is_hidden(self, cell: Cell) -> bool:
        return cell.values.flag(cell.step.keywords.no_log, default=self._tools.options.no_log)

    def _is_compared(self, cell: Cell) -> bool:
        try:
            return cell.values.flag(cell.step.keywords.diff, default=self._tools.options.diff)
        except O8Error:
            # The task itself has failed by it and says so.
            return False

    def _is_ignored(self, cell: Cell) -> bool:
        return cell.values.flag(cell.step.keywords.ignore_errors)

    def _finished(self, cell: Cell, result: Result) -> Done:
        keywords, values = cell.step.keywords, cell.values
        try:
            hidden = self._is_hidden(cell)
            ignored = bool(result.get("failed")) and values.flag(keywords.ignore_errors)
            lost = bool(result.get("unreachable")) and values.flag(keywords.ignore_unreachable)
            notified = self._notified(cell, result)
            delegate = values.text(keywords.delegate_to) if cell.step.task.loop is None else None
        except O8Error as error:
            result, hidden = results.failure(error), True
            ignored, lost, notified, delegate = False, False, (), None
        self._take_over(cell, result)
        shown = results.censored(result) if hidden else result
        self._warn(shown)
        outcome = results.outcome(shown, ignored=ignored, lost_ignored=lost)
        loop = cell.step.task.loop is not None
        inclusions, notes = tuple(cell.inclusions), tuple(cell.notes)
        diff = self._is_compared(cell)
        return Done(outcome, notified, inclusions, notes, delegate or "", loop, hidden, diff)

    def _warn(self, result: Result) -> None:
        """Tell what modules warn of, each text once in a run."""
        for each in (result, *(result.get("results") or ())):
            for text in each.get("warnings") or () if isinstance(each, Mapping) else ():
                if str(text) not in self._tools.told:
                    self._tools.told.add(str(text))
                    self._tools.sink.emit(Warned(Diagnostic("O8-1212", str(text), severity="warning")))

    def _notified(self, cell: Cell, result: Result) -> tuple[str, ...]:
        if not result.get("changed") or result.get("failed") or not cell.step.task.notify:
            return ()
        names: list[str] = []
        for each in _that_ran(cell, result):
            for written in cell.step.task.notify:
                value = each.values.raw(written)
                names += value if isinstance(value, list) else [str(value)]
        return tuple(dict.fromkeys(names))

    def _take_over(self, cell: Cell, result: Result) -> None:
        """Keep what the step found: facts, variables of actions, the registered result."""
        rounds = (
            zip(cell.rounds, result.get("results") or (), strict=False) if cell.rounds else ((cell, result),)
        )
        for each, found in rounds:
            facts = found.get("ansible_facts") if isinstance(found, Mapping) else None
            if not isinstance(facts, Mapping) or cell.notes or result.get("failed"):
                facts = {}
            for host in self._fact_receivers(each) if facts or each.own else ():
                if facts:
                    host.learn(facts)
                for notes in each.own:
                    _take_notes(host, notes)
        name = cell.step.task.register
        if name:
            registered = results.registered(result)
            for host in cell.hosts:
                host.set(name, registered)
        if cell.step.task.action in ("setup", "gather_facts") and not result.get("failed"):
            cell.host.gathered = True

    def _fact_receivers(self, cell: Cell) -> tuple[HostState, ...]:
        delegate = cell.step.keywords.delegate_to
        if delegate is None or not cell.values.flag(cell.step.keywords.delegate_facts):
            return cell.hosts
        return (self._tools.reach.host(str(cell.values.text(delegate))),)


def _delegate(cell: Cell) -> str:
    """Return the host that did the work of a round, as far as its name can be told."""
    written = cell.step.keywords.delegate_to
    try:
        return "" if written is None else cell.values.text(written) or ""
    except O8Error:
        return ""


def _that_ran(cell: Cell, result: Result) -> list[Cell]:
    """Return the rounds of a loop that were not skipped, or the cell itself; handlers are named in each."""
    if not cell.rounds or not any(map(has_template, cell.step.task.notify)):
        return [cell]
    done = result.get("results") or ()
    return [each for each, found in zip(cell.rounds, done, strict=False) if not found.get("skipped")]


def _named(cell: Cell, catalog: Catalog) -> Step:
    """Return the step of a cell whose action is a template, with the action it names on this host."""
    name = str(cell.values.text(Text(cell.step.task.action, cell.step.task.action_span)) or "")
    spec = catalog.find(name)
    task = replace(cell.step.task, action=spec.name if spec else name)
    return replace(cell.step, task=task, spec=spec)


def _check_throttle(cell: Cell) -> None:
    written = cell.step.keywords.throttle
    if not isinstance(written, str):
        return
    try:
        int(cell.values.raw(written) or 0)
    except (TypeError, ValueError, O8Error) as error:
        said = error.message if isinstance(error, O8Error) else error
        message = f"Failed to convert the throttle value to an integer: {said}"
        raise HostFailed(Diagnostic("O8-1102", message, span_of(written))) from None


def _breaks(cell: Cell, result: Result) -> bool:
    """Return whether a loop ends after a round; a condition that cannot be judged fails the round."""
    conditions = breaks_when(cell.step.task.loop)
    if not conditions:
        return False
    name = cell.step.task.register
    scope = cell.scope.over({name: result}) if name else cell.scope
    try:
        return all(cell.templar.condition(each, scope) for each in conditions)
    except O8Error as error:
        result.update(results.failure(error))
        return True


def _defined(notes: Sequence[Notes]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for each in notes:
        found |= each.included_variables | each.variables
    return found


def _given(answer: Result, _cell: Cell) -> Result:
    return answer


def _take_notes(host: HostState, notes: Notes) -> None:
    if notes.facts:
        host.learn(notes.facts)
    if notes.variables:
        host.define(notes.variables)
    if notes.included_variables:
        host.include(notes.included_variables)


def lost(done: Done) -> bool:
    """Return whether the host of a cell cannot be reached any more."""
    return done.outcome.status is Status.UNREACHABLE and not done.outcome.ignored


__all__ = ["Executor", "Tools", "Values", "lost"]
