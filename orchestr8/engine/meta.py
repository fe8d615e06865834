"""meta: what a task does to the run itself."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from orchestr8.compile.rows import Row
from orchestr8.core.errors import O8Error
from orchestr8.core.event import DEBUG, HostFinished, Remarked
from orchestr8.core.outcome import Outcome, Status
from orchestr8.engine import attempt, results
from orchestr8.engine.cell import Cell, Done
from orchestr8.engine.walker import BAD, GOOD

if TYPE_CHECKING:
    from orchestr8.engine.batch import Batch

_DONE = {
    "clear_facts": "facts cleared",
    "clear_host_errors": "cleared host errors",
    "end_batch": "ending batch",
    "end_host": "ending play for {host}",
    "end_play": "ending play",
    "end_role": "ending role {role} for {host}",
    "refresh_inventory": "inventory successfully refreshed",
    "reset_connection": "reset connection",
}
_PASSED = {
    "clear_facts": ", not clearing facts and fact cache for {host}",
    "clear_host_errors": ", not clearing host error state for {host}",
    "end_batch": ", continuing current batch",
    "end_host": ", continuing execution for {host}",
    "end_play": ", continuing play",
    "end_role": ", continuing role {role} for {host}",
}
_WORDS = {"end_host": "end_host conditional evaluated to false, continuing execution for {host}"}
"""What the result of a meta task says that was passed over, where it is not its name."""


class Meta:
    """Carries out `meta` tasks of one batch."""

    def __init__(self, batch: Batch) -> None:
        self._batch = batch

    def do(self, cell: Cell) -> int:
        """Carry out a meta task on a host; return how its cell ends."""
        word = str(cell.step.task.free_form or "noop")
        self._batch.announce(cell.step.row, self._place(cell))
        try:
            met = attempt.unmet(cell) is None
        except O8Error as error:
            self._failed(cell, error)
            return BAD
        if not met:
            self._pass_over(cell, word)
            return GOOD
        act = getattr(self, "_" + word, None)
        try:
            if act is not None:
                act(cell)
        except O8Error as error:
            self._failed(cell, error)
            return BAD
        self._remark(cell, _DONE.get(word, word))
        return GOOD

    def flushed(self, row: Row, hosts: Iterable[int]) -> None:
        """Remark that hosts begin with their handlers; nobody asked for it where no task says so."""
        for host in hosts:
            said = f"META: triggered running handlers for {self._batch.hosts[host].name}"
            self._batch.shared.tools.sink.emit(Remarked(said, 2 if row.task else DEBUG))

    def _failed(self, cell: Cell, error: O8Error) -> None:
        done = Done(results.outcome(results.failure(error)))
        self._batch.record(cell.step.row, self._place(cell), done)

    def _remark(self, cell: Cell, message: str) -> str:
        roles = cell.step.row.context.roles
        said = message.format(host=cell.host.name, role=roles[0].role.name if roles else "")
        self._batch.shared.tools.sink.emit(Remarked(f"META: {said}"))
        return said

    def _pass_over(self, cell: Cell, word: str) -> None:
        """Tell that a condition kept a meta task from being done."""
        reason = f"{word} conditional evaluated to False{_PASSED.get(word, '')}"
        said = self._remark(cell, reason)
        outcome = Outcome(
            Status.SKIPPED,
            {"msg": _WORDS.get(word, word).format(host=cell.host.name), "skipped": True, "skip_reason": said},
        )
        self._batch.shared.tools.sink.emit(HostFinished(cell.step.key, cell.host.name, outcome))

    def _place(self, cell: Cell) -> int:
        return self._batch.hosts.index(cell.host)

    def _end_host(self, cell: Cell) -> None:
        self._batch.walker.leave(self._place(cell))

    def _end_batch(self, cell: Cell) -> None:
        del cell
        for host in range(len(self._batch.hosts)):
            self._batch.walker.leave(host)

    def _end_play(self, cell: Cell) -> None:
        self._end_batch(cell)
        self._batch.end.play_over = True

    def _end_role(self, cell: Cell) -> None:
        if cell.step.row.context.roles:
            cell.host.ended_roles |= {str(id(cell.step.row.context.roles[0]))}

    def _clear_host_errors(self, cell: Cell) -> None:
        del cell
        self._batch.forgive()

    def _clear_facts(self, cell: Cell) -> None:
        cell.host.forget()

    def _refresh_inventory(self, cell: Cell) -> None:
        del cell
        self._batch.shared.hosts.refresh()

    def _reset_connection(self, cell: Cell) -> None:
        self._batch.shared.tools.reach.reset(cell.host.name)
