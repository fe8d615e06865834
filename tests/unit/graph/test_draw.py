"""Drawings of graphs."""

from __future__ import annotations

from orchestr8.graph.draw import Drawing, Edge, Node, dot, mermaid, text

DRAWING = Drawing(
    'a "title"',
    [Node("a", "say <hi>"), Node("b", "in", ("f", "g"), "ping"), Node("c", "out", ("f",))],
    [Edge("a", "b"), Edge("b", "c", "if it failed")],
)


def test_text_indents_by_frames_and_names_needs() -> None:
    assert text(DRAWING) == (
        'a "title"\n  a say <hi>\n  f:\n    g:\n      b in  [ping]  ← a\n    c out  ← b (if it failed)\n'
    )


def test_mermaid_escapes_what_would_break_it() -> None:
    lines = mermaid(DRAWING).splitlines()
    assert lines[0] == "flowchart TD"
    assert '  a["say &lt;hi&gt;"]' in lines
    assert "  b -- if it failed --> c" in lines
    assert sum(line.strip() == "end" for line in lines) == 2


def test_dot_escapes_quotes_and_closes_its_clusters() -> None:
    drawn = dot(DRAWING)
    assert 'label="a \\"title\\""' in drawn
    assert drawn.count("{") == drawn.count("}") == 3
