"""Stops at tasks whose end the user wants to look into: the keyword `debugger` and its setting."""

from __future__ import annotations

import ast
import re
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pprint import pformat
from typing import Any

from orchestr8.core.errors import O8Error
from orchestr8.core.event import Asking
from orchestr8.core.outcome import Outcome, Status
from orchestr8.core.span import Mapping, Text
from orchestr8.engine.cell import Done
from orchestr8.engine.executor import Executor, Tools
from orchestr8.engine.host_state import HostState
from orchestr8.engine.keyword_values import Values
from orchestr8.engine.ports import Terminal
from orchestr8.engine.step import Step
from orchestr8.template.scope import Scope

_HELP = """\
p EXPRESSION               show what it is worth; of task, task_vars, host and result too
task.args['NAME'] = VALUE  change an argument
task_vars['NAME'] = VALUE  change a variable, for this task
u(pdate_task)              nothing to do here: arguments are always made anew
r(edo)                     carry out the task again
c(ontinue)                 go on
q(uit)                     stop the run"""
_SETS = re.compile(r"(task\.args|task_vars)\s*\[\s*(['\"])(.+?)\2\s*\]\s*=\s*(.+)")
_REDO, _CONTINUE, _QUIT = ("r", "redo"), ("c", "continue"), ("q", "quit")
_STATES = {"on_failed": Status.FAILED, "on_unreachable": Status.UNREACHABLE, "on_skipped": Status.SKIPPED}


@dataclass(frozen=True, slots=True)
class _Trial:
    """A task as it is tried on a host."""

    step: Step
    host: HostState
    scope: Scope


class Debugger:
    """Talks about one task at a time, with the commands of Ansible's debugger; other hosts wait for it."""

    def __init__(self, terminal: Terminal, tools: Tools, leave: Callable[[], None]) -> None:
        self._terminal = terminal
        self._tools = tools
        self._leave = leave
        self._left = False
        self._turn = threading.Lock()

    def run(self, executor: Executor, step: Step, hosts: Iterable[HostState], scope: Scope) -> Done:
        """Carry out a step, again as often as the user wants, and return how it ended last."""
        sharing = tuple(hosts)
        trial: _Trial | None = _Trial(step, sharing[0], scope)
        while trial:
            done = executor.run(trial.step, sharing, trial.scope)
            trial = self._stop(trial, done) if self._wants(trial, done.outcome) else None
        return done

    def _wants(self, trial: _Trial, outcome: Outcome) -> bool:
        options = self._tools.options
        try:
            asked = Values(self._tools.templar, trial.scope).text(trial.step.keywords.debugger)
        except O8Error:
            return False
        if asked in ("always", "never"):
            return asked == "always"
        wanted = {Status.FAILED, Status.UNREACHABLE} if options.debugger else set()
        if asked in _STATES:
            wanted.add(_STATES[asked])
        return outcome.status in wanted and not (outcome.ignored and options.debugger_past_ignored)

    def _stop(self, trial: _Trial, done: Done) -> _Trial | None:
        with self._turn:
            if self._left:
                return None
            self._tools.sink.emit(Asking(opened=True))
            try:
                return self._talk(trial, done)
            finally:
                self._tools.sink.emit(Asking(opened=False))

    def _talk(self, trial: _Trial, done: Done) -> _Trial | None:
        host, name = trial.host.name, trial.step.name or trial.step.task.action
        self._terminal.say(f"[{host}] {name}: {done.outcome.status.value}: {_told(done.outcome)}")
        while True:
            line = (self._terminal.ask(f"[{host}] TASK: {name} (debug)> ") or "quit").strip()
            if line in _REDO:
                return trial
            if line in (*_CONTINUE, *_QUIT):
                self._left = line in _QUIT
                if self._left:
                    self._leave()
                return None
            trial = self._heed(line, trial, done)

    def _heed(self, line: str, trial: _Trial, done: Done) -> _Trial:
        word, _, rest = line.partition(" ")
        setting = _SETS.fullmatch(line)
        try:
            if setting:
                return _changed(trial, setting[1], setting[3], ast.literal_eval(setting[4].strip()))
            if word in ("p", "pprint") and rest:
                self._terminal.say(pformat(self._worth(rest, trial, done)))
            elif word not in ("u", "update_task"):
                self._terminal.say(_HELP)
        except O8Error as error:
            self._terminal.say(error.message)
        except (SyntaxError, ValueError):
            self._terminal.say(f"no value: {setting[4] if setting else rest} (texts stand in quotes)")
        return trial

    def _worth(self, expression: str, trial: _Trial, done: Done) -> Any:
        task = trial.step.task
        bare = {} if task.free_form is None else {"_raw_params": task.free_form}
        known = {
            "task": {"name": trial.step.name, "action": task.action, "args": {**task.args, **bare}},
            "task_vars": dict(trial.scope),
            "host": trial.host.name,
            "result": {"_result": done.outcome.result, **done.outcome.result},
        }
        return self._tools.templar.evaluate(Text(expression), trial.scope.over(known))


def _changed(trial: _Trial, target: str, name: str, value: Any) -> _Trial:
    value = Text(value) if isinstance(value, str) else value
    if target == "task_vars":
        return replace(trial, scope=trial.scope.over({name: value}))
    task = trial.step.task
    args = Mapping(((*task.args.items(), (name, value))), task.args.span)
    changed = replace(task, args=args)
    if name == "_raw_params" and task.free_form is not None:
        changed = replace(task, free_form=value, args=task.args)
    return replace(trial, step=replace(trial.step, task=changed))


def _told(outcome: Outcome) -> str:
    return str(outcome.result.get("msg") or outcome.reason or "")
