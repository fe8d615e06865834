"""What a cell says to its host: requests out, results back; several can go on in one flight.

A module is one request. An action is a function that works by itself, or a generator that yields requests
and is sent their results, so that the rounds of a loop share round trips.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from inspect import isgeneratorfunction
from typing import Any

from orchestr8.core.errors import Diagnostic, HostFailed, O8Error
from orchestr8.engine import results
from orchestr8.engine.arguments import for_action, rendered
from orchestr8.engine.cell import Cell, Inclusion
from orchestr8.engine.ports import Connection, Request
from orchestr8.engine.reach import Reach, Target
from orchestr8.engine.results import Result
from orchestr8.engine.step import Step
from orchestr8.engine.work import Action, FileFinder, Work
from orchestr8.language.own_code import action_refused
from orchestr8.language.own_modules import OwnModule
from orchestr8.template.templar import Templar

OWN = "o8_own"
"""The module of ours that runs those of users."""
INCLUDES = ("include_tasks", "include_role")
_DETAILED = 3
_ATTENDED = frozenset(("assemble", "copy", "fetch", "script", "template", "unarchive"))
"""Actions that send or get files; no host can do that alone, behind the back of the controller."""
Talk = Generator[Request, Result, Result]


@dataclass(frozen=True, slots=True)
class Conversations:
    """Begins conversations. find_files: how a step finds files on the controller."""

    templar: Templar
    actions: Mapping[str, Action]
    reach: Reach
    find_files: Callable[[Step], FileFinder]
    verbosity: int = 0

    def flies(self, step: Step) -> bool:
        """Return whether the rounds of a step's loop may share round trips."""
        if step.spec is None or step.keywords.delegate_to is not None or step.task.action in INCLUDES:
            return False
        action = self.actions.get(step.spec.name)
        return not step.spec.controller if action is None else isgeneratorfunction(action)

    def alone(self, cell: Cell) -> Result:
        """Return the result of a cell's whole conversation."""
        if cell.step.task.action in INCLUDES:
            return _include(cell)
        target = self.reach.target(cell)
        talk = self._begin(cell, target)
        try:
            request = next(talk)
            while True:
                request = talk.send(target.connection().call(request))
        except StopIteration as end:
            result: Result = end.value
            return result

    def together(self, cells: Mapping[int, Cell]) -> dict[int, Result]:
        """Return the results of cells of one host, their requests sent in flights."""
        done: dict[int, Result] = {}
        talks: dict[int, Talk] = {}
        asked: dict[int, Request] = {}
        connection: Callable[[], Connection] | None = None
        for number, cell in cells.items():
            try:
                target = self.reach.target(cell)
                talks[number] = self._begin(cell, target)
                connection = connection or target.connection
            except O8Error as error:
                done[number] = results.failure(error)
        for number, talk in talks.items():
            _step(number, partial(next, talk), asked, done)
        while asked and connection is not None:
            flight, asked = asked, {}
            answers = connection().call_many(list(flight.values()))
            for number, answer in zip(flight, answers, strict=True):
                _step(number, partial(talks[number].send, answer), asked, done)
        return done

    def _begin(self, cell: Cell, target: Target) -> Talk:
        step = cell.step
        action = self.actions.get(step.spec.name) if step.spec else None
        return _module(cell, target, self.verbosity) if action is None else self._action(cell, target, action)

    def _action(self, cell: Cell, target: Target, action: Action) -> Talk:
        step = cell.step
        _check_background(cell)
        if target.check and step.spec and not step.spec.check_mode:
            return {"skipped": True, "changed": False, "msg": f"{step.spec.name} does not support check mode"}
        work = Work(
            step.task, cell.host.name, target.name, for_action(step.spec, rendered(cell)), cell.scope,
            cell.templar, self.find_files(step), target.connection, target.request, target.check, target.diff,
            self.verbosity, earlier=tuple(cell.notes),
        )  # fmt: skip
        result: Any = action(work)
        if isinstance(result, Generator):
            result = yield from result
        cell.notes.append(work.notes)
        cell.own.append(work.notes)
        return dict(result)


def _check_background(cell: Cell) -> None:
    """Raise HostFailed for work in which the controller has a part, and that is to go on without it."""
    step = cell.step
    if step.spec and step.spec.name in _ATTENDED and cell.values.number(step.task.async_seconds):
        message = f"This action ({step.spec.name}) does not support async."
        raise HostFailed(Diagnostic("O8-1105", message, step.task.action_span))


def _module(cell: Cell, target: Target, verbosity: int) -> Talk:
    spec = cell.step.spec
    if spec is None or spec.controller:
        name = cell.step.task.action
        message = (
            f"couldn't resolve module/action '{name}'. This often indicates a misspelling, "
            "missing collection, or incorrect module path."
        )
        raise HostFailed(Diagnostic("O8-1201", message, cell.step.task.action_span))
    request = (
        _own(cell, target, spec.own, verbosity) if spec.own else target.request(spec.name, rendered(cell))
    )
    result = yield replace(request, background=target.background) if target.background else request
    if target.awaited:
        result.update(started=True, finished=True)
    if verbosity >= _DETAILED:
        result.setdefault("invocation", {"module_args": dict(request.args)})
    else:
        result.pop("invocation", None)
    return result


def _own(cell: Cell, target: Target, own: OwnModule, verbosity: int) -> Request:
    """Return the call of a user's own module; its code goes along as far as the host does not have it."""
    if own.action:
        raise HostFailed(action_refused(own.name, own.action, cell.step.task.action_span))
    pack = own.pack()
    asked: dict[str, Any] = {"unit": pack.key, "kind": pack.kind, "path": pack.path, "package": pack.package}
    asked |= {"name": own.name, "verbosity": verbosity}
    return replace(target.request(OWN, {**asked, "args": rendered(cell)}), pack=pack)


def _step(number: int, go: Callable[[], Request], asked: dict[int, Request], done: dict[int, Result]) -> None:
    """Let a conversation go on until it asks for something or ends."""
    try:
        asked[number] = go()
    except StopIteration as end:
        done[number] = end.value
    except O8Error as error:
        done[number] = results.failure(error)


def _include(cell: Cell) -> Result:
    args = {name: value for name, value in rendered(cell).items() if name != "apply"}
    cell.inclusions.append(Inclusion(args, cell.variables))
    name = "include" if cell.step.task.action == "include_tasks" else "include_role"
    return {"changed": False, name: args.get("file") or args.get("name"), "include_args": {}}
