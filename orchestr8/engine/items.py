"""What a task repeats over, and what each round sees."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from orchestr8.core.errors import Diagnostic, HostFailed, O8Error
from orchestr8.engine.cell import Cell
from orchestr8.language.syntax import Loop
from orchestr8.template.lazy import type_name


def items(cell: Cell, loop: Loop) -> list[Any]:
    """Return the items of a loop; raise O8Error when they are no list."""
    if loop.kind != "loop":
        given = {"task_folder": _folder(cell)} if loop.kind.rpartition(".")[2] == "first_found" else {}
        return cell.templar.lookup(loop.kind, loop.items, cell.scope, **given)
    found = cell.templar.render(loop.items, cell.scope)
    if not isinstance(found, list | tuple):
        message = f"The `loop` value must resolve to a 'list', not {type_name(found)!r}."
        hint = "use `dict2items` for a mapping" if isinstance(found, dict) else f"this is {found!r}"
        raise HostFailed(Diagnostic("O8-1309", message, loop.span, hint))
    return list(found)


def _folder(cell: Cell) -> str:
    """Return the folder that a task's files are in by the kind of its action."""
    action = cell.step.task.action
    return next((f"{kind}s" for kind in ("template", "var") if kind in action), "files")


def breaks_when(loop: Loop | None) -> list[Any]:
    """Return the conditions that all have to hold after a round for it to be the last one."""
    written = loop.control.get("break_when") if loop else None
    return written if isinstance(written, list) else [] if written is None else [written]


class Rounds:
    """The rounds of a loop: their variables and labels."""

    def __init__(self, cell: Cell, loop: Loop, found: Sequence[Any]) -> None:
        control, values = loop.control, cell.values
        self.variable = values.text(control.get("loop_var")) or "item"
        self._index = values.text(control.get("index_var"))
        self._extended = values.flag(control.get("extended"))
        self._all = values.flag(control.get("extended_allitems"), default=True)
        self.pause = values.number(control.get("pause")) or 0.0
        self._label = control.get("label")
        self._found = found

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for number, item in enumerate(self._found):
            yield self._variables(number, item)

    def _variables(self, number: int, item: Any) -> dict[str, Any]:
        found = {self.variable: item, "ansible_loop_var": self.variable}
        if self._index:
            found[self._index] = number
            found["ansible_index_var"] = self._index
        if self._extended:
            found["ansible_loop"] = self._loop(number)
        return found

    def _loop(self, number: int) -> dict[str, Any]:
        total = len(self._found)
        loop: dict[str, Any] = {
            "index": number + 1,
            "index0": number,
            "first": number == 0,
            "last": number + 1 == total,
            "length": total,
            "revindex": total - number,
            "revindex0": total - number - 1,
        }
        if self._all:
            loop["allitems"] = list(self._found)
        if number:
            loop["previtem"] = self._found[number - 1]
        if number + 1 < total:
            loop["nextitem"] = self._found[number + 1]
        return loop

    def marked(self, result: dict[str, Any], variables: dict[str, Any]) -> dict[str, Any]:
        """Add to a round's result which item it was for."""
        result.update(variables)
        return result

    def label(self, cell: Cell, result: dict[str, Any]) -> str:
        """Return what a round is called; one whose label cannot be rendered has failed."""
        item = str(cell.variables[self.variable])
        if self._label is None:
            return item
        register = cell.step.task.register
        scope = cell.scope.over({register: result}) if register else cell.scope
        try:
            return str(cell.templar.render(self._label, scope))
        except O8Error as error:
            result.update(failed=True, msg=f"Failed to template loop_control.label: {error.message}")
            return item
