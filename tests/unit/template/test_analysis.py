from __future__ import annotations

import pytest

from orchestr8.template.analysis import analyse, analyse_expression, analyse_file


def uses(text: str) -> list[tuple[str, tuple[str, ...], int, int, bool]]:
    return [(use.name, use.path, use.line, use.column, use.guarded) for use in analyse(text).uses]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", []),
        ("{{ tls.kye }}", [("tls", ("kye",), 1, 4, False)]),
        ("{{ a['b'].c[0] }}", [("a", ("b", "c", "0"), 1, 4, False)]),
        ("x\n  {{ foo }}", [("foo", (), 2, 6, False)]),
        ("{{ x | default(1) }}", [("x", (), 1, 4, True)]),
        ("{% if x is defined %}{{ x.y }}{% endif %}", [("x", (), 1, 7, True), ("x", ("y",), 1, 25, True)]),
        ("{% for i in things %}{{ i.a }}{{ loop.index }}{% endfor %}", [("things", (), 1, 13, False)]),
        ("{% set a = 1 %}{{ a }}", []),
        ("{{ lookup('vars', n) }}", [("n", (), 1, 19, False)]),
        ("{% macro m(q) %}{{ q }}{% endmacro %}{{ m(z) }}", [("z", (), 1, 43, False)]),
        ("{{ omit }}{{ range(3) | list }}{{ now() }}", []),
    ],
)
def test_free_variables(text: str, expected: list[object]) -> None:
    assert uses(text) == expected


def test_conditions_guard_what_they_ask_for() -> None:
    found = analyse_expression("foo is defined and foo.bar == other")
    assert [(use.name, use.guarded) for use in found.uses] == [("foo", True), ("foo", True), ("other", False)]
    assert found.free() == {"other"}


@pytest.mark.parametrize(
    ("text", "branched"),
    [
        ("{{ a or b }}", ["b"]),
        ("{{ a and b.c and d }}", ["b", "d"]),
        ("{{ a if b else c }}", ["a", "c"]),
        ("{% if a %}{{ b }}{% elif c %}{{ d }}{% else %}{{ e }}{% endif %}{{ f }}", ["b", "c", "d", "e"]),
        ("{% for x in a %}{{ b }}{% endfor %}{{ not c }}", []),
    ],
)
def test_what_only_one_way_through_uses_is_branched(text: str, branched: list[str]) -> None:
    assert sorted(use.name for use in analyse(text).uses if use.branched) == branched


def test_syntax_problems_carry_their_line() -> None:
    problem = analyse("a\n{{ }").problem
    assert problem is not None
    assert problem.line == 2
    assert analyse_expression("a ==").problem is not None


def test_unknown_filters_and_tests_and_other_templates_are_named() -> None:
    found = analyse("{{ a | nofilter is notest }}{% include 'x.j2' %}")
    assert [(each.kind, each.name) for each in found.unknown] == [("test", "notest"), ("filter", "nofilter")]
    assert found.templates == ("x.j2",)


def test_a_header_line_moves_the_lines() -> None:
    found = analyse_file("#jinja2: variable_start_string: '[[', variable_end_string: ']]'\n[[ a ]]\n")
    assert [(use.name, use.line) for use in found.uses] == [("a", 2)]
