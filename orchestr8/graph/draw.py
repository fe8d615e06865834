"""Graphs as text, Mermaid and Graphviz."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Node:
    """One node of a drawing: id, what is written in it, and the frames it stands in, outermost first."""

    key: str
    label: str
    frames: tuple[str, ...] = ()
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Edge:
    """`after` waits for `before`; `label` says when, and is empty for the ordinary case."""

    before: str
    after: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Drawing:
    """A graph ready to be written down."""

    title: str
    nodes: Sequence[Node]
    edges: Sequence[Edge]


def text(drawing: Drawing) -> str:
    """Return one line a node, indented by its frames, with what it waits for."""
    waits: dict[str, list[str]] = {}
    for edge in drawing.edges:
        waits.setdefault(edge.after, []).append(f"{edge.before}{f' ({edge.label})' if edge.label else ''}")
    lines = [drawing.title]
    shown: tuple[str, ...] = ()
    for node in drawing.nodes:
        lines += _headings(shown, node.frames)
        shown = node.frames
        indent = "  " * (len(node.frames) + 1)
        detail = f"  [{node.detail}]" if node.detail else ""
        needs = f"  ← {', '.join(waits[node.key])}" if node.key in waits else ""
        lines.append(f"{indent}{node.key} {node.label}{detail}{needs}")
    return "\n".join(lines) + "\n"


def _headings(shown: tuple[str, ...], frames: tuple[str, ...]) -> Iterator[str]:
    for depth in range(len(_shared(shown, frames)), len(frames)):
        yield "  " * (depth + 1) + frames[depth] + ":"


def mermaid(drawing: Drawing) -> str:
    """Return a Mermaid flowchart."""
    lines = ["flowchart TD"]
    lines += _framed(drawing, _mermaid_frame, "end", lambda n: f'{n.key}["{_entities(_caption(n))}"]')
    for edge in drawing.edges:
        arrow = f"-- {_entities(edge.label)} -->" if edge.label else "-->"
        lines.append(f"  {edge.before} {arrow} {edge.after}")
    return "\n".join(lines) + "\n"


def dot(drawing: Drawing) -> str:
    """Return a Graphviz digraph."""
    lines = ["digraph {", "  rankdir=TB; node [shape=box, fontname=sans]; edge [fontname=sans];"]
    lines.append(f"  label={_quoted(drawing.title)}; labelloc=t;")
    lines += _framed(drawing, _dot_frame, "}", lambda n: f"{n.key} [label={_quoted(_caption(n))}];")
    for edge in drawing.edges:
        label = f" [label={_quoted(edge.label)}]" if edge.label else ""
        lines.append(f"  {edge.before} -> {edge.after}{label};")
    return "\n".join([*lines, "}"]) + "\n"


FORMS: Mapping[str, Callable[[Drawing], str]] = {"text": text, "mermaid": mermaid, "dot": dot}


def _framed(
    drawing: Drawing, begin: Callable[[int, str], str], end: str, line: Callable[[Node], str]
) -> Iterator[str]:
    shown: tuple[str, ...] = ()
    number = 0
    for node in (*drawing.nodes, None):
        frames = node.frames if node else ()
        same = len(_shared(shown, frames))
        for depth in range(len(shown), same, -1):
            yield "  " * depth + end
        for depth in range(same, len(frames)):
            number += 1
            yield "  " * (depth + 1) + begin(number, frames[depth])
        shown = frames
        if node:
            yield "  " * (len(frames) + 1) + line(node)


def _shared(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    count = 0
    while count < min(len(one), len(other)) and one[count] == other[count]:
        count += 1
    return one[:count]


def _caption(node: Node) -> str:
    return f"{node.label}\n{node.detail}" if node.detail else node.label


def _mermaid_frame(number: int, title: str) -> str:
    return f'subgraph f{number}["{_entities(title)}"]'


def _dot_frame(number: int, title: str) -> str:
    return f"subgraph cluster_{number} {{ label={_quoted(title)};"


def _entities(value: str) -> str:
    for old, new in (("&", "&amp;"), ('"', "&quot;"), ("<", "&lt;"), (">", "&gt;"), ("\n", "<br/>")):
        value = value.replace(old, new)
    return value


def _quoted(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
