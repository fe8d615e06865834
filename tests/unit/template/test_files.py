from __future__ import annotations

from pathlib import Path

import pytest

from orchestr8.core.span import Mapping, Text
from orchestr8.template.errors import TemplateError
from orchestr8.template.options import Options
from orchestr8.template.scope import Scope
from orchestr8.template.templar import Templar

SCOPE = Scope(Mapping([("port", 80), ("name", Text("web{{ port }}")), ("tls", Mapping([("key", 1)]))]))


def render(folder: Path, text: str, options: Options | None = None) -> str:
    return Templar().render_file(text, str(folder / "main.j2"), SCOPE, options)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("port {{ port }}\n", "port 80\n"),
        ("{{ name }}", "web80"),
        ("{{ none }}x\n\n", "x\n\n"),
        ("{% for i in [1, 2] %}\n {{ i }}\n{% endfor %}\n", " 1\n 2\n"),
        ("{{ 'a\\nb' }}", "a\nb"),
        (
            "#jinja2: variable_start_string: '[[', variable_end_string: ']]'\n[[ port ]] {{ x }}\n",
            "80 {{ x }}\n",
        ),
        ("{{ [1, port] }}\n", "[1, 80]"),
        ("{{ port }}\n", "80"),
    ],
)
def test_template_files_become_text(text: str, expected: str, tmp_path: Path) -> None:
    assert render(tmp_path, text) == expected


def test_templates_use_each_other(tmp_path: Path) -> None:
    (tmp_path / "inc.j2").write_text("inc {{ port }} {{ local | default('-') }}\n")
    (tmp_path / "macros.j2").write_text("{% macro m(a) %}<{{ a }}:{{ port | default('?') }}>{% endmacro %}")
    (tmp_path / "base.j2").write_text("[{% block b %}{% endblock %}]")
    assert render(tmp_path, "{% set local = 1 %}{% include 'inc.j2' %}") == "inc 80 1"
    assert render(tmp_path, "{% from 'macros.j2' import m with context %}{{ m(3) }}") == "<3:80>"
    assert render(tmp_path, "{% import 'macros.j2' as x %}{{ x.m(3) }}") == "<3:?>"
    assert render(tmp_path, "{% extends 'base.j2' %}{% block b %}{{ port }}{% endblock %}") == "[80]"


def test_macros_imported_without_context_may_call_lookups_for_each_run_anew(tmp_path: Path) -> None:
    (tmp_path / "macros.j2").write_text(
        "{% macro m() %}{{ lookup('vars', 'port') }}{{ port | d('?') }}{% endmacro %}"
    )
    templar, text = Templar(), "{% from 'macros.j2' import m %}{{ m() }}"
    scopes = [Scope(Mapping([("port", port)])) for port in (80, 81)]
    assert [templar.render_file(text, str(tmp_path / "main.j2"), each) for each in scopes] == ["80?", "81?"]


def test_options_of_the_template_module(tmp_path: Path) -> None:
    options = Options(newline_sequence="\r\n", trim_blocks=False, lstrip_blocks=True)
    assert render(tmp_path, "  {% if port %}\na\n  {% endif %}\n", options) == "\r\na\r\n"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a\n{{ tls.kye }}\n", 2),
        ("#jinja2: trim_blocks: False\na\n{{ nowhere }}\n", 3),
        ("a\n{% if %}\n", 2),
        ("a\n{% include 'missing.j2' %}", 2),
        ("a\n\n{{ 1 / 0 }}", 3),
        ("#jinja2: nonsense: 1\n", 1),
    ],
)
def test_mistakes_name_the_line_of_the_template(text: str, line: int, tmp_path: Path) -> None:
    with pytest.raises(TemplateError) as caught:
        render(tmp_path, text)
    span = caught.value.diagnostics[0].span
    assert span is not None
    assert (Path(span.file).name, span.line) == ("main.j2", line)


def test_an_endless_include_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "main.j2").write_text("{% include 'main.j2' %}")
    with pytest.raises(TemplateError, match="endlessly"):
        render(tmp_path, "{% include 'main.j2' %}")


def test_a_missing_value_in_an_included_template_names_that_file(tmp_path: Path) -> None:
    (tmp_path / "inc.j2").write_text("fine\n\n{{ nowhere }}\n")
    with pytest.raises(TemplateError) as caught:
        render(tmp_path, "a\n{% include 'inc.j2' %}")
    span = caught.value.diagnostics[0].span
    assert span is not None
    assert (Path(span.file).name, span.line) == ("inc.j2", 3)


def test_the_right_one_of_several_uses_is_named(tmp_path: Path) -> None:
    with pytest.raises(TemplateError) as caught:
        render(tmp_path, "{% if false %}{{ tls.kye }}{% endif %}\n\n{{ tls.kye }}")
    assert str(caught.value.diagnostics[0].span).endswith("main.j2:3:8")
