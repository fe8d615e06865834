"""Ties rows to the tasks they name with `needs`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from orchestr8.compile.rows import Need, Reach, Row
from orchestr8.core.errors import Diagnostic, InvalidInput
from orchestr8.core.suggest import did_you_mean
from orchestr8.graph.dag import Cycle, order


def tie(rows: Sequence[Row], waiting: Iterable[Row], named: Mapping[str, Sequence[int]]) -> None:
    """Add what the waiting rows name to their needs; raise InvalidInput for unknown names and cycles."""
    wrong: list[Diagnostic] = []
    for row in waiting:
        for name in row.task.needs if row.task else ():
            if name in named:
                row.needs += [Need(index, Reach.SAME) for index in named[name]]
            else:
                span = getattr(name, "span", None) or (row.task.span if row.task else None)
                message = f"no task or block of this play is called `{name}`"
                wrong.append(Diagnostic("O8-1409", message, span, did_you_mean(name, named)))
    if wrong:
        raise InvalidInput(*wrong)
    _refuse_cycle(rows)


def _refuse_cycle(rows: Sequence[Row]) -> None:
    try:
        order({row.index: [need.row for need in row.needs] for row in rows})
    except Cycle as cycle:
        members = [rows[int(str(index))] for index in cycle.members]
        tasks = [row for row in members if row.task]
        names = " → ".join(f"`{row.label}`" for row in (*tasks, tasks[0]))
        span = tasks[0].task.span if tasks[0].task else None
        raise InvalidInput(Diagnostic("O8-1410", f"tasks need each other: {names}", span)) from None
