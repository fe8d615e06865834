"""meta: what a task does to the run itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orchestr8.core.errors import O8Error
from orchestr8.engine import attempt, results
from orchestr8.engine.cell import Cell, Done
from orchestr8.engine.walker import BAD, GOOD

if TYPE_CHECKING:
    from orchestr8.engine.batch import Batch


class Meta:
    """Carries out `meta` tasks of one batch."""

    def __init__(self, batch: Batch) -> None:
        self._batch = batch

    def do(self, cell: Cell) -> int:
        """Carry out a meta task on a host whose condition holds; return how its cell ends."""
        try:
            if attempt.unmet(cell) is not None:
                return GOOD
        except O8Error as error:
            self._batch.announce(cell.step.row, self._place(cell))
            self._batch.record(
                cell.step.row, self._place(cell), Done(results.outcome(results.failure(error)))
            )
            return BAD
        act = getattr(self, "_" + str(cell.step.task.free_form or "noop"), None)
        if act is not None:
            act(cell)
        return GOOD

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

    def _clear_facts(self, cell: Cell) -> None:
        cell.host.forget()

    def _reset_connection(self, cell: Cell) -> None:
        self._batch.shared.tools.reach.reset(cell.host.name)
