from __future__ import annotations

from typing import Any

import pytest

from orchestr8.core.errors import O8Error
from orchestr8.core.span import Mapping, Sequence, Span, Text
from orchestr8.template.errors import TemplateError, UndefinedVariable
from orchestr8.template.omit import OMIT
from orchestr8.template.scope import Flattened, Scope
from orchestr8.template.templar import Templar


def written(value: Any) -> Any:
    """Return a value as the language reads it from YAML."""
    if isinstance(value, str):
        return Text(value, Span("play.yml", 3, 5))
    if isinstance(value, dict):
        return Mapping((key, written(each)) for key, each in value.items())
    if isinstance(value, list):
        return Sequence(written(each) for each in value)
    return value


VARIABLES = written(
    {
        "five": 5,
        "yes": True,
        "none": None,
        "word": "w",
        "indirect": "{{ word }}",
        "lost": "{{ nowhere }}",
        "half_lost": "a {{ nowhere }}",
        "broken": "{{ 1 / 0 }}",
        "tls": {"cert": "/c", "key": "{{ tls.cert }}.key"},
        "some": {"gone": "{{ nowhere }}", "here": 1},
        "list": ["{{ five }}", 2],
        "circle": "{{ round }}",
        "round": "{{ circle }}",
    }
)
HOST = {"fact": "{{ word }}", "facts": {"list": ["{{ word }}"]}}


@pytest.fixture
def scope() -> Scope:
    return Scope(HOST, VARIABLES)


def render(text: str, scope: Scope) -> Any:
    return Templar().render(Text(text, Span("play.yml", 3, 5)), scope)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("{{ five }}", 5),
        ("{{ yes }}", True),
        ("{{ none }}", None),
        ("{{ five }}{{ five }}", "55"),
        ("a{{ none }}b", "ab"),
        (" {{ five }}", " 5"),
        ("{{ list }}", [5, 2]),
        ("{{ list }}\n", [5, 2]),
        ("{{ word }}\n", "w\n"),
        ("{{ indirect }}", "w"),
        ("{{ tls }}", {"cert": "/c", "key": "/c.key"}),
        ("{{ tls.key }}", "/c.key"),
        ("{{ tls['key'] }}:{{ list[1] }}", "/c.key:2"),
        ("{{ [five, 'x'] }}", [5, "x"]),
        ("{% if false %}x{% endif %}", None),
        ("{{ 'a\\nb' }}", "a\\nb"),
        ("{{ tls.items() | list }}", [["cert", "/c"], ["key", "/c.key"]]),
        ("{{ list + [1] }}", [5, 2, 1]),
        ("{{ list | map('string') | join('-') }}", "5-2"),
        ("{{ [1, omit, 2] }}", [1, 2]),
        ("{{ {'a': omit, 'b': 1} }}", {"b": 1}),
        ("{{ '{{ five }}' }}", "{{ five }}"),
        ("{{ lookup('vars', '{{ \"fi\" ~ \"ve\" }}') }}", 5),
    ],
)
def test_rendering_keeps_native_types(text: str, expected: Any, scope: Scope) -> None:
    result = render(text, scope)
    assert result == expected
    assert type(result) is type(expected) or isinstance(result, Text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{ nowhere | default('d') }}", "d"),
        ("{{ lost | default('d') }}", "d"),
        ("{{ half_lost | default('d') }}", "d"),
        ("{{ lost.a.b[1] | default('d') }}", "d"),
        ("{{ (lost | upper) | default('d') }}", "d"),
        ("{{ some.gone | default('d') }}{{ some.here }}", "d1"),
        ("{{ (nowhere, 1) | first | default('d') }}", "d"),
        ("{{ lost is defined }}", False),
        ("{{ some.nokey is undefined }}", True),
    ],
)
def test_missing_values_travel_to_default(text: str, expected: Any, scope: Scope) -> None:
    assert render(text, scope) == expected


def test_data_of_hosts_is_never_rendered(scope: Scope) -> None:
    assert render("{{ fact }}", scope) == "{{ word }}"
    assert render("{{ facts.list[0] ~ '' }}", scope) == "{{ word }}"
    assert render("x {{ facts }}", scope) == "x {'list': ['{{ word }}']}"


@pytest.mark.parametrize(
    ("text", "message", "place"),
    [
        ("{{ nowhere }}", "'nowhere' is undefined", "play.yml:3:8"),
        ("{{ five }} {{ nowhere }}", "'nowhere' is undefined", "play.yml:3:19"),
        ("{{ tls.kye }}", "object of type 'dict' has no attribute 'kye'", "play.yml:3:12"),
        ("{{ nowhere + 1 | default(1) }}", "'nowhere' is undefined", "play.yml:3:8"),
        ("{{ 1 / 0 }}", "Error rendering template: division by zero", "play.yml:3:5"),
        ("{{ five | nofilter }}", "Syntax error in template: No filter named 'nofilter'.", "play.yml:3:5"),
        ("{{ {% }}", "Syntax error in template: unexpected '%'", "play.yml:3:5"),
        ("a\n{{ nowhere }}", "'nowhere' is undefined", "play.yml:4:8"),
        ("{{ circle }}", "Recursive loop detected in template: circle → round → circle", "play.yml:3:5"),
    ],
)
def test_errors_name_their_place(text: str, message: str, place: str, scope: Scope) -> None:
    with pytest.raises(TemplateError) as caught:
        render(text, scope)
    assert caught.value.message == message
    assert str(caught.value.diagnostics[0].span) == place


def test_a_missing_key_names_what_there_is_and_where_it_was_set() -> None:
    variables = written({"tls": {"cert": 1, "key": 2}})
    variables.key_spans["tls"] = Span("group_vars/web.yml", 12, 1)
    with pytest.raises(UndefinedVariable) as caught:
        render("{{ tls.kye }}", Scope(variables))
    problem = caught.value.diagnostics[0]
    assert problem.hint == "did you mean `key`?"
    assert problem.notes == ("`tls` has cert, key", "`tls` is set at group_vars/web.yml:12:1")


def test_a_failing_variable_fails_only_who_uses_it(scope: Scope) -> None:
    assert render("{{ 'x' if yes else broken }}", scope) == "x"
    with pytest.raises(O8Error, match="division by zero"):
        render("{{ broken | default('d') }}", scope)


def test_containers_are_rendered_throughout_and_omitted_entries_go(scope: Scope) -> None:
    args = {"a": Text("{{ five }}"), "b": [Text("x{{ word }}")], "c": Text("{{ omit }}"), "d": "{{ five }}"}
    assert Templar().render(args, scope) == {"a": 5, "b": ["xw"], "d": "{{ five }}"}
    assert Templar().render(Text("{{ omit }}"), scope) is OMIT


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (True, True),
        ("yes", True),
        ("not yes", False),
        ("five == 5 and word == 'w'", True),
        ("lost is defined or yes", True),
        ("{{ yes }}", True),
        ("word == '{{ indirect }}'", True),
        ("'a\\tb' | length == 3", True),
        (" yes ", True),
    ],
)
def test_conditions(expression: Any, expected: bool, scope: Scope) -> None:
    assert Templar().condition(written(expression), scope) is expected


@pytest.mark.parametrize("expression", ["five", "'text'", "none", "", 1, "nowhere", "five ==", "a }} {{ b"])
def test_what_is_no_condition_is_refused(expression: Any, scope: Scope) -> None:
    with pytest.raises(TemplateError):
        Templar().condition(written(expression), scope)


def test_broken_conditionals_go_by_truthiness_when_allowed(scope: Scope) -> None:
    lenient = Templar(broken_conditionals=True)
    assert [lenient.condition(written(each), scope) for each in ("five", "none", "", "'x'")] == [
        True,
        False,
        True,
        True,
    ]


def test_expressions_give_native_values(scope: Scope) -> None:
    assert Templar().evaluate(Text("list[0] + 1"), scope) == 6
    assert Templar().evaluate(Text("tls"), scope) == {"cert": "/c", "key": "/c.key"}


@pytest.mark.parametrize(
    "text", ["{{ reply.stdout }}", "{{ copied }}", "{{ reply.stdout ~ '' }}", "{{ [expr] | first ~ '' }}"]
)
def test_what_a_host_said_is_no_condition(text: str) -> None:
    scope = Scope(
        {"reply": {"stdout": "lookup('pipe', 'echo') == ''"}},
        written({"copied": "{{ reply.stdout }}", "expr": "1 == 1"}),
    )
    with pytest.raises(TemplateError, match="untrusted"):
        Templar().condition(written(text), scope)
    with pytest.raises(TemplateError, match="untrusted"):
        Templar().evaluate("1 == 1", scope)


def test_a_written_expression_may_stand_in_a_variable() -> None:
    scope = Scope(written({"expr": "five == 5", "five": 5}))
    assert Templar().condition(written("{{ expr }}"), scope) is True


def test_where_settings_say_so_mappings_of_one_name_add_up() -> None:
    layers = (
        {"m": Mapping({"a": Text("{{ x }}"), "deep": {"p": 1}}.items()), "n": 1, "t": {"top": 1}},
        Flattened([{"m": {"b": 2, "a": 2}}, {"m": {"b": 3, "deep": {"q": 2}}, "t": "no mapping"}]),
        {"m": {"c": 4, "b": 0}, "n": {"k": 1}, "t": {"low": 1}, "x": "of x"},
    )
    scope = Scope(*layers)
    asked = {name: Text(f"{{{{ {name} }}}}") for name in "mnt"}
    plainly = {"m": {"a": "of x", "deep": {"p": 1}}, "n": 1, "t": {"top": 1}}
    assert Templar().render(asked, scope) == plainly
    merged = {"a": "of x", "b": 3, "c": 4, "deep": {"p": 1, "q": 2}}
    assert Templar(merging=True).render(asked, scope) == plainly | {"m": merged}
