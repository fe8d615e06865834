from __future__ import annotations

import pytest

from orchestr8.core.span import Span, Text
from orchestr8.template.errors import TemplateError
from orchestr8.template.scope import Scope
from orchestr8.template.templar import Templar


@pytest.mark.parametrize(
    "text",
    [
        "{{ 'a' * 10**10 }}",
        "{{ [1] * 10**9 }}",
        "{{ 'a'.center(10**10) }}",
        "{{ 'a' | center(10**10) }}",
        "{{ '%09999999999d' % 1 }}",
        "{{ '%09999999999d' | format(1) }}",
        "{{ 10 ** 10000000 }}",
        "{{ range(10**12) | list }}",
        "{% for i in range(10**12) %}x{% endfor %}",
        "{% set s = 'x' * 1000 %}" + "{% set s = s ~ s %}" * 30 + "{{ s | length }}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{{ " + "(" * 500 + "1" + ")" * 500 + " }}",
        "".join(f"{{% for a{i} in [1] %}}" for i in range(30)) + "{% endfor %}" * 30,
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ lipsum.__globals__ }}",
        "{{ '{0.__class__}'.format(1) }}",
    ],
)
def test_absurd_templates_end_in_an_error_with_a_place(text: str) -> None:
    with pytest.raises(TemplateError) as caught:
        Templar().render(Text(text, Span("play.yml", 1, 1)), Scope({}))
    assert caught.value.diagnostics[0].span is not None


def test_a_long_range_still_serves_random() -> None:
    drawn = Templar().render(Text("{{ range(10**9) | random }}"), Scope({}))
    assert 0 <= drawn < 10**9
