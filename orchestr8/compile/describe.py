"""A playbook's task graph as a drawing: what waits for what, without running anything."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from orchestr8.compile.context import Context
from orchestr8.compile.nodes import Selection, tasks_of
from orchestr8.compile.play import compile_play
from orchestr8.compile.rows import Kind, Reach, Row, TaskGraph, When
from orchestr8.compile.settings import Settings
from orchestr8.core.errors import Diagnostic, InvalidInput
from orchestr8.core.suggest import did_you_mean
from orchestr8.graph.dag import reduce
from orchestr8.graph.draw import FORMS, Drawing, Edge, Node
from orchestr8.inventory.inventory import Inventory
from orchestr8.language.syntax import Play, Playbook

_WHEN = {When.GOOD: "", When.BAD: "if it failed", When.RAN: "in any case", When.DONE: "in any case"}


def describe(
    playbook: Playbook, inventory: Inventory, form: str = "text", settings: Settings | None = None
) -> str:
    """Return the graphs of all plays as "text", "mermaid" or "dot"."""
    if form not in FORMS:
        known = ", ".join(FORMS)
        raise InvalidInput(
            Diagnostic(
                "O8-1411", f"a graph has no form `{form}`; known are {known}", hint=did_you_mean(form, FORMS)
            )
        )
    asked = settings or Settings()
    drawings = [
        drawing(play, inventory, asked, f"p{number}" if number else "")
        for number, play in enumerate(playbook.plays)
    ]
    if form == "text":
        return "\n".join(FORMS[form](each) for each in drawings)
    return FORMS[form](_merged(playbook.path, drawings))


def _merged(title: str, drawings: list[Drawing]) -> Drawing:
    nodes = [replace(node, frames=(each.title, *node.frames)) for each in drawings for node in each.nodes]
    return Drawing(title, nodes, [edge for each in drawings for edge in each.edges])


def drawing(play: Play, inventory: Inventory, asked: Settings, prefix: str = "") -> Drawing:
    """Return the drawing of one play; `prefix` sets the ids of its nodes apart from other plays'."""
    settings = settings_of(play, asked)
    graph = compile_play(play, settings, Selection(settings))
    handlers = _handlers(play)
    shown = {row.index: row for row in graph.rows if _is_shown(row, handlers)}
    edges = _edges(graph, shown, prefix)
    nodes = [
        Node(f"{prefix}t{row.index}", _label(row, handlers), row.frames, _detail(row))
        for row in shown.values()
    ]
    return Drawing(_title(play, inventory, graph), nodes, edges)


def settings_of(play: Play, asked: Settings) -> Settings:
    """Return the settings of a play as far as its files tell them, under those that were asked for."""
    return Settings(
        strategy=str(play.strategy or asked.strategy).rpartition(".")[2],
        force_handlers=play.force_handlers is True or asked.force_handlers,
        gather=asked.gather if play.gather_facts is None else play.gather_facts is True,
        any_errors_fatal=play.keywords.any_errors_fatal is True,
        tags=asked.tags,
        skip_tags=asked.skip_tags,
        start_at=asked.start_at,
    )


def _title(play: Play, inventory: Inventory, graph: TaskGraph) -> str:
    pattern = ",".join(map(str, play.hosts)) if isinstance(play.hosts, list | tuple) else str(play.hosts)
    parts = [pattern if "{{" in pattern else f"{pattern} ({_count(inventory, pattern)})"]
    if play.strategy:
        parts.append(str(play.strategy))
    if graph.linear:
        parts.append("hosts wait for each other after every task")
    if play.serial:
        parts.append("in batches of " + ", ".join(map(str, play.serial)))
    return f"play {play.keywords.name or pattern}: " + "; ".join(parts)


def _count(inventory: Inventory, pattern: str) -> str:
    count = len(inventory.select(pattern))
    return "1 host" if count == 1 else f"{count} hosts"


def _handlers(play: Play) -> list[str]:
    nodes = (*(node for use in play.role_uses for node in use.role.handlers), *play.handlers)
    return list(
        dict.fromkeys(str(task.keywords.name or task.action) for task, _ in tasks_of(nodes, Context()))
    )


def _is_shown(row: Row, handlers: list[str]) -> bool:
    return not row.virtual and (row.kind is not Kind.FLUSH or bool(handlers))


def _label(row: Row, handlers: list[str]) -> str:
    if row.kind is Kind.FLUSH:
        return f"handlers that were notified: {', '.join(handlers)}"
    return row.label.replace("\n", " ")


def _detail(row: Row) -> str:
    task = row.task
    if task is None:
        return ""
    parts = [] if row.label.endswith(task.action) else [task.action]
    parts += ["loop"] if task.loop else []
    parts += ["once"] if row.once else []
    parts += [f"on {task.keywords.delegate_to}"] if task.keywords.delegate_to else []
    return ", ".join(parts)


def _edges(graph: TaskGraph, shown: Mapping[int, Row], prefix: str) -> list[Edge]:
    """Return what each shown row waits for, through what is not shown, least edges first."""
    below: dict[int, dict[int, When]] = {}
    for row in graph.rows:
        _sources(row, graph.rows, shown, below)
    needs = {index: list(below[index]) for index in shown}
    kept: dict[int, Iterable[int]] = dict(reduce(needs))
    return [
        Edge(f"{prefix}t{source}", f"{prefix}t{index}", _WHEN[below[index][source]])
        for index in shown
        for source in kept[index]
    ]


def _sources(
    row: Row, rows: list[Row], shown: Mapping[int, Row], below: dict[int, dict[int, When]]
) -> dict[int, When]:
    found = below.get(row.index)
    if found is not None:
        return found
    found = {}
    for need in row.needs:
        if need.reach is Reach.ALL:
            continue
        if need.row in shown:
            found[need.row] = need.when
            continue
        for source, when in _sources(rows[need.row], rows, shown, below).items():
            # What a join passes on is what is asked of the join, unless its own input asked for more.
            found.setdefault(source, need.when if when is not When.BAD else when)
    below[row.index] = found
    return found
