# ruff: noqa: E501 - a flow is one line
"""What a host sent is never a template, whatever way it takes through templates."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestr8.core.span import Mapping, Text
from orchestr8.template.scope import Scope
from orchestr8.template.templar import Templar

PAYLOADS = st.one_of(
    st.sampled_from(
        [
            "{{ canary() }}",
            "{{ 7 * 191 }}",
            "{% for i in range(3) %}1337{% endfor %}",
            "{{ lookup('pipe', 'echo 1337') }}",
            "{% raw %}{{ 7 * 191 }}{% endraw %}",
            "#jinja2: variable_start_string: '[['\n[[ 7 * 191 ]]",
            "}}{{ 7 * 191 }}{{",
            "' + '{{ 7 * 191 }}",
        ]
    ),
    st.text(alphabet="{}%# '\"ab7*191|()", max_size=30),
)
FLOWS = [
    "{{ fact }}",
    "{{ deep.list[0].key }}",
    "{{ fact ~ '' }}",
    "{{ '' + fact }}",
    "{{ [fact] | first }}",
    "{{ fact | default('x') }}",
    "{{ deep | to_json | from_json | dict2items | map(attribute='value') | flatten | map(attribute='key') | first }}",
    "{{ (deep.list + [])[0]['key'] }}",
    "{{ fact[0:] }}",
    "{{ fact | string }}",
    "{{ [fact, ''] | join }}",
    "{{ {'k': fact}.k }}",
    "{% set copy = fact %}{{ copy }}",
    "{% for each in [fact] %}{{ each }}{% endfor %}",
    "{% macro m(a) %}{{ a }}{% endmacro %}{{ m(fact) }}",
    "{{ through }}",
    "{{ lookup('vars', 'fact') }}",
    "{{ q('items', [fact]) | first }}",
    "{{ fact | regex_replace('^', '') }}",
    "{{ hosts['h'].fact }}",
]


@pytest.mark.parametrize("flow", FLOWS)
@settings(max_examples=60, deadline=None)
@given(payload=PAYLOADS)
def test_data_stays_literal(flow: str, payload: str) -> None:
    templar = Templar()
    facts: dict[str, Any] = {"fact": payload, "deep": {"list": [{"key": payload}]}}
    scope = Scope(facts, Mapping([("through", Text("{{ fact }}"))]))
    scope = scope.over({"hosts": {"h": templar.variables(scope)}})
    once = templar.render(Text(flow), scope)
    assert once == payload
    assert type(once) is str
    assert templar.render({"again": once}, scope) == {"again": payload}
    registered = scope.over({"registered": {"stdout": once}})
    assert templar.render(Text("{{ registered.stdout }}"), registered) == payload


@settings(max_examples=60, deadline=None)
@given(PAYLOADS)
def test_keys_and_file_templates_stay_literal(payload: str) -> None:
    templar, scope = Templar(), Scope({"facts": {payload: payload}})
    assert templar.render(Text("{{ facts }}"), scope) == {payload: payload}
    text = templar.render_file("<{{ facts.values() | first }}>", "t.j2", scope)
    assert text == f"<{payload}>"
