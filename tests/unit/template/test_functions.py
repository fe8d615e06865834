# ruff: noqa: E501 - a case is one line
from __future__ import annotations

import re
from typing import Any

import pytest

from orchestr8.core.span import Mapping, Text
from orchestr8.template.errors import TemplateError
from orchestr8.template.scope import Scope
from orchestr8.template.templar import Templar

SCOPE = Scope(
    Mapping(
        [
            ("v", 1),
            ("vv1", Text("one")),
            ("d", Mapping([("k", 1)])),
            ("d2", Mapping([("x", Text("{{ v }}")), ("y", Mapping([("z", Text("{{ vv1 }}"))]))])),
        ]
    )
)
CASES: list[tuple[str, Any]] = [
    ("{{ [3,1,2] | sort }}", [1, 2, 3]),
    ("{{ 'a,b' | split(',') }}", ["a", "b"]),
    ("{{ [1,[2,[3,none]]] | flatten }}", [1, 2, 3]),
    ("{{ [1,[2,[3]]] | flatten(levels=1) }}", [1, 2, [3]]),
    ("{{ {'a':{'x':1}} | combine({'a':{'y':2}}, recursive=true) }}", {"a": {"x": 1, "y": 2}}),
    ("{{ {'a':[1,2]} | combine({'a':[2,3]}, list_merge='append_rp') }}", {"a": [1, 2, 3]}),
    ("{{ {'a':1,'b':2} | dict2items }}", [{"key": "a", "value": 1}, {"key": "b", "value": 2}]),
    ("{{ [{'key':'a','value':1}] | items2dict }}", {"a": 1}),
    ("{{ ['a','b'] | zip([1,2]) | community.general.dict }}", {"a": 1, "b": 2}),
    ("{{ [{'a':1,'ab':2,'c':3}] | community.general.keep_keys(target=['a','c']) }}", [{"a": 1, "c": 3}]),
    (
        "{{ [{'a':1,'ab':2,'c':3}] | community.general.remove_keys('a', matching_parameter='starts_with') }}",
        [{"c": 3}],
    ),
    ("{{ [{'a':1,'ab':2,'c':3}] | keep_keys(['.b$'], matching_parameter='regex') }}", [{"ab": 2}]),
    ("{{ 'hello' | regex_replace('l+', 'L') }}", "heLo"),
    ("{{ 'foobar' | regex_search('z') }}", None),
    ("{{ ['OpenSSH_9.2p1', 'b'] | map('upper') | regex_search('_9.[0-9]') }}", "_9.2"),
    ("{{ [d, none] | regex_search('.+') }}", "[{'k': 1}, None]"),
    ("{{ 'a.b*c' | regex_escape }}", "a\\.b\\*c"),
    ("{{ 'a1b22' | regex_findall('\\d+') }}", ["1", "22"]),
    ("{{ 'abc' | regex_replace('^(.)', '\\1x') }}", "axbc"),
    (
        "{{ '/etc/a/b.conf' | basename }} {{ '/etc/a/b.conf' | dirname }} {{ '/a/b.c' | splitext }}",
        "b.conf /etc/a ['/a/b', '.c']",
    ),
    ("{{ ['/etc','a'] | path_join }} {{ '/a/b' | relpath('/a') }}", "/etc/a b"),
    ("{{ {'b':1,'a':[1,{'c':none}]} | to_json }}", '{"b": 1, "a": [1, {"c": null}]}'),
    (
        "{{ {'b':1,'a':[1,{'c':none}]} | to_nice_json }}",
        '{\n    "a": [\n        1,\n        {\n            "c": null\n        }\n    ],\n    "b": 1\n}',
    ),
    (
        "{{ {'b':1,'a':[1,{'c':none,'d':'x: y'}], 'e': true} | to_yaml }}",
        "a:\n- 1\n- {c: null, d: 'x: y'}\nb: 1\ne: true\n",
    ),
    ("{{ {'b':1,'a':[1,{'c':none}], 's':'yes'} | to_nice_yaml }}", "a:\n- 1\n-   c: null\nb: 1\ns: 'yes'\n"),
    ("{{ {'b':1,'a':[1,{'c':none}]} | to_nice_yaml(indent=2) }}", "a:\n- 1\n- c: null\nb: 1\n"),
    ("{{ '{\"a\": 1}' | from_json }}", {"a": 1}),
    (
        "{{ 'hello' | hash('sha256') }} {{ 'hello' | checksum }} {{ 'x' | md5 }}",
        "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824 aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d 9dd4e461268c8034f5c8564e155c67a6",
    ),
    ("{{ 'hello' | b64encode }} {{ 'aGVsbG8=' | b64decode }}", "aGVsbG8= hello"),
    ("{{ 'yes' | bool }} {{ 'no' | bool }} {{ 1 | bool }} {{ 'true' | bool }}", "True False True True"),
    ("{{ true | ternary('a','b') }} {{ none | ternary('a','b','c') }}", "a c"),
    ("{{ 'it''s' | quote }} {{ \"a b'c\" | quote }}", "its 'a b'\"'\"'c'"),
    ("{{ 'line1\\nline2' | comment }}", "#\n# line1\\nline2\n#"),
    ("{{ 'line1' | comment('cblock') }}", "/*\n *\n * line1\n *\n */"),
    ("{{ 'line1' | comment('xml') }}", "<!--\n -\n - line1\n -\n-->"),
    ("{{ 'line1' | comment('c') }}", "//\n// line1\n//"),
    ("{{ 'x' | comment('plain', prefix='#######\\n#', postfix='#\\n###') }}", "#######\\n#\n# x\n#\\n###"),
    (
        "{{ 1048576 | human_readable }} {{ 1500 | human_readable(unit='K') }} {{ 100 | human_readable(isbits=true) }}",
        "1.00 MB 1.46 KB 100.00 bits",
    ),
    (
        "{{ '1.5 GB' | human_to_bytes }} {{ '10KB' | human_to_bytes }} {{ '2M' | human_to_bytes }}",
        "1610612736 10240 2097152",
    ),
    (
        "{{ [1,2,2,1] | unique }} {{ [1,2] | union([2,3]) }} {{ [1,2] | intersect([2]) }} {{ [1,2] | difference([2]) }} {{ [1,2] | symmetric_difference([2,3]) }}",
        "[1, 2] [1, 2, 3] [2] [1] [1, 3]",
    ),
    (
        "{{ ['a', 'b', 'A'] | unique }} {{ ['a', 'A'] | unique(true) }} {{ ['a', 'A', [1], [1]] | unique }}",
        "['a', 'b'] ['a', 'A'] ['a', 'A', [1]]",
    ),
    (
        "{{ [1,2] | zip([3,4]) | list }} {{ [1,2] | zip_longest([3], fillvalue=0) | list }}",
        "[[1, 3], [2, 4]] [[1, 3], [2, 0]]",
    ),
    ("{{ [1,2] | product([3,4]) | list }}", [[1, 3], [1, 4], [2, 3], [2, 4]]),
    ("{{ [1,2,3] | combinations(2) | list }}", [[1, 2], [1, 3], [2, 3]]),
    (
        "{{ [{'n':'a','l':[1,2]},{'n':'b','l':[3]}] | subelements('l') }}",
        [[{"l": [1, 2], "n": "a"}, 1], [{"l": [1, 2], "n": "a"}, 2], [{"l": [3], "n": "b"}, 3]],
    ),
    (
        "{{ [{'n':'a','v':1},{'n':'b','v':2}] | rekey_on_member('n') }}",
        {"a": {"n": "a", "v": 1}, "b": {"n": "b", "v": 2}},
    ),
    (
        "{{ [{'n':'a','v':1},{'n':'a','v':2}] | groupby('n') }}",
        [["a", [{"n": "a", "v": 1}, {"n": "a", "v": 2}]]],
    ),
    ("{{ [{'n':'a','v':1},{'n':'b','v':2}] | map(attribute='v') | list }}", [1, 2]),
    ("{{ [{'n':'a','v':1},{'n':'b'}] | selectattr('v','defined') | list }}", [{"n": "a", "v": 1}]),
    ("{{ [{'n':'a','v':1},{'n':'b'}] | rejectattr('v','defined') | map(attribute='n') | first }}", "b"),
    ("{{ ['a','b'] | map('upper') | join(',') }}", "A,B"),
    ("{{ [0,1,5] | select('gt', 0) | list }}", [1, 5]),
    ("{{ [0,2] | map('extract', ['x','y','z']) | list }}", ["x", "z"]),
    ("{{ 'x' | to_uuid }}", "66b2f013-1baa-5313-9c8c-e6f1182e0e90"),
    (
        "{{ 'http://user:pw@h.com:80/p?q=1#f' | urlsplit }}",
        {
            "fragment": "f",
            "hostname": "h.com",
            "netloc": "user:pw@h.com:80",
            "password": "pw",
            "path": "/p",
            "port": 80,
            "query": "q=1",
            "scheme": "http",
            "username": "user",
        },
    ),
    ("{{ 'http://user:pw@h.com:80/p?q=1#f' | urlsplit('hostname') }}", "h.com"),
    ("{{ 'a%20b+c' | urldecode }} {{ 'a b/c' | urlencode }}", "a b c a%20b/c"),
    ("{{ 8 | log(2) }} {{ 2 | pow(3) }} {{ 9 | root }} {{ 27 | root(3) }}", "3.0 8.0 3.0 3.0"),
    ("{{ ('2020-01-02 03:04:05' | to_datetime - '2020-01-01 00:00:00' | to_datetime).days }}", 1),
    (
        "{{ '1.2.10' is version('1.2.9', '>') }} {{ '1.0a1' is version('1.0', '<', version_type='pep440') }} {{ '1.0.0-rc1' is version('1.0.0','lt',version_type='semver') }}",
        "True True True",
    ),
    ("{{ 'foo' is match('fo') }} {{ 'xfoo' is search('foo') }} {{ 'foo' is regex('^f') }}", "True True True"),
    (
        "{{ [1,2] is contains(1) }} {{ [1] is subset([1,2]) }} {{ [1,2] is superset([1]) }} {{ [true,false] is any }} {{ [true,false] is all }}",
        "True True True True False",
    ),
    ("{{ 'x' is truthy }} {{ '' is falsy }} {{ 'no' is truthy(convert_bool=True) }}", "True True False"),
    (
        "{{ {'changed':true} is changed }} {{ {'failed':true} is failed }} {{ {'rc':0} is succeeded }} {{ {'skipped':true} is skipped }}",
        "True True True True",
    ),
    ("{{ {'results':[{'changed':true},{'changed':false}]} is changed }}", True),
    ("{{ 'http://x.y' is url }} {{ 'urn:a:b' is urn }} {{ 'x' is uri }}", "True True True"),
    ("{{ [1,2,3] | min }} {{ [1,2,3] | max }} {{ [1,2] | sum }} {{ ['b','A'] | sort }}", "1 3 3 ['A', 'b']"),
    ("{{ '5' | int + 1 }} {{ '1.5' | float }} {{ 'x' | int(7) }}", "6 1.5 7"),
    ("{{ 'abc' | length }} {{ 'abc' | reverse }} {{ 'abc' | first }} {{ [1,2,3] | last }}", "3 cba a 3"),
    (
        "{{ 'a b c' | title }} {{ '  x ' | trim }} {{ 'hello world' | truncate(8) }} {{ 'x' | center(5) }}",
        "A B C x hello world   x  ",
    ),
    (
        "{{ \"%s-%s\" | format('a', 1) }} {{ 'a\\nb' | indent(2) }} {{ {'a':1} | tojson }} {{ {'b':1,'a':2} | dictsort }}",
        "a-1 a\\nb {\"a\": 1} [['a', 2], ['b', 1]]",
    ),
    (
        "{{ [1,2,3,4,5] | batch(2) | list }} {{ [1,2,3] | slice(2) | list }}",
        "[[1, 2], [3, 4], [5]] [[1, 2], [3]]",
    ),
    ("{{ {'a':1} | items | list }}", [["a", 1]]),
    ("{{ d | string }} {{ [1,'a',none] | string }}", "{'k': 1} [1, 'a', None]"),
    ("{{ 'yes' if v else 'no' }} {{ 'x' if nope is defined }}", "yes "),
    ("{{ ansible_x | default(d.a.b) | default('deep') }}", "deep"),
    ("{{ d2.x }} {{ d2.y.z }}", "1 one"),
    ("{{ [v, d2] }}", [1, {"x": 1, "y": {"z": "one"}}]),
    (
        "{{ 1 == 1.0 }} {{ 'a' in 'abc' }} {{ 7 // 2 }} {{ 7 / 2 }} {{ -7 % 3 }} {{ 2 ** 3 }}",
        "True True 3 3.5 2 8",
    ),
    ("{{ '{{ v }}' }}", "{{ v }}"),
    ("{{ 'C:\\new' }} {{ \"a\\tb\" }}", "C:\\new a\\tb"),
    ("{% for i in [1,2] %}{{ i }}{% if not loop.last %},{% endif %}{% endfor %}", "1,2"),
    ("{% set x = 5 %}{{ x }}", 5),
    ("{% macro m(a) %}<{{ a }}>{% endmacro %}{{ m(1) }}", "<1>"),
    ("{{ undef('hint here') | default('u') }}", "u"),
    ("{{ v | mandatory }} {{ omit is defined }}", "1 True"),
    ("{{ [] | first | default('none') }}", "none"),
    ("{{ [1,2,3][1:] }} {{ 'abcdef'[2:4] }} {{ [1,2,3][-1] }}", "[2, 3] cd 3"),
    ("{{ [[1,2],[3]] | map('length') | list }} {{ [1,2] | map('pow', 2) | list }}", "[2, 1] [1.0, 4.0]"),
    ("{{ ['x','y'] | product(['a']) | map('join','-') | list }}", ["x-a", "y-a"]),
    ("{{ ('a','b') }} {{ {'t': (1,2)} }}", "['a', 'b'] {'t': [1, 2]}"),
    (
        "{{ [1,2] | join }} {{ none | default('d') }} {{ none | default('d', true) }} {{ '' | default('e', true) }}",
        "12  d e",
    ),
    (
        "{{ ['a','b'] is sameas(['a','b']) }} {{ 5 is divisibleby(5) }} {{ 'x' is string }} {{ {} is mapping }} {{ [] is iterable }} {{ 1 is number }}",
        "False True True True True True",
    ),
    ("{{ d2 | combine({'q': v}) }}", {"q": 1, "x": 1, "y": {"z": "one"}}),
    ("{{ '192.168.0.1' | split('.') | map('int') | sum }}", 361),
    ("{{ vv1 ~ v }} {{ v + 1 }}", "one1 2"),
    (
        "{{ [{'a':{'b':1}}] | map(attribute='a.b') | list }} {{ [{'a':1}] | map(attribute='z', default=9) | list }}",
        "[1] [9]",
    ),
    ("{{ {'a': 1, 'b': 2} | dict2items | selectattr('value', 'gt', 1) | items2dict }}", {"b": 2}),
    ("{{ {'x': v} == {'x': 1} }}", True),
    ("{{ d2.x | string | length }}", 1),
    ("{{ true and 'a' }} {{ '' or 'b' }} {{ not '' }}", "a b True"),
    ("{{ 'a' * 3 }} {{ [1] * 2 }} {{ '%05d' % 42 }}", "aaa [1, 1] 00042"),
    ("{{ 1e3 }} {{ 0x10 }} {{ 1_000 }}", "1000.0 16 1000"),
    ("{{ none }}{{ none }}", None),
    ("{{ '' }}", ""),
    ("{{ ' ' }}{{ none }}", " "),
]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_filters_and_tests_give_what_ansible_gives(text: str, expected: Any) -> None:
    assert listed(Templar().render(Text(text), SCOPE)) == expected


def listed(value: Any) -> Any:
    """Return a value as JSON would carry it."""
    if isinstance(value, (list, tuple)):
        return [listed(each) for each in value]
    if isinstance(value, dict):
        return {key: listed(each) for key, each in value.items()}
    return value


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("'' is version('1', '>')", "Input version value cannot be empty"),
        ("'1' is version('', '>')", "Version parameter to compare against cannot be empty"),
        ("true | items2dict", "items2dict requires a list, got <class 'bool'> instead."),
    ],
)
def test_wrong_arguments_are_named(expression: str, said: str) -> None:
    with pytest.raises(TemplateError, match=re.escape(said)):
        Templar().evaluate(Text(expression), SCOPE)
