"""Filters, tests and lookups that playbooks, roles and collections bring as Python files."""

from __future__ import annotations

import os
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from orchestr8.core.errors import O8Error
from orchestr8.core.secret import Secret
from orchestr8.core.span import Text
from orchestr8.template.plugins.shelf import Plugins
from orchestr8.template.scope import Scope
from orchestr8.template.templar import Templar


class Bench:
    """A folder of plugins and what templates make of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.plugins = Plugins()
        self.templar = Templar(plugins=self.plugins)

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text))

    def filters(self, code: str, names: str, where: str = "filter_plugins/own.py") -> None:
        body = f"\n\nclass FilterModule:\n    def filters(self):\n        return {names}\n"
        self.write(where, dedent(code) + body)
        self.plugins.beside(str(self.folder))

    def render(self, text: str, **variables: Any) -> Any:
        return self.templar.render(Text(text), Scope(variables))


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_a_filter(bench: Bench) -> None:
    bench.filters("def shout(x, mark='!'): return x.upper() + mark", "{'shout': shout}")
    assert bench.render("{{ 'a' | shout }}{{ ['b'] | map('shout', mark='?') | first }}") == "A!B?"


def test_a_test(bench: Bench) -> None:
    bench.write(
        "test_plugins/t.py", "class TestModule:\n    def tests(self): return {'big': lambda x: x > 9}\n"
    )
    bench.plugins.beside(str(bench.folder))
    assert bench.render("{{ [1, 10] | select('big') | list }}") == [10]


def test_own_filters_come_before_built_in_ones_unless_those_are_meant(bench: Bench) -> None:
    assert bench.render("{{ [[1]] | flatten }}") == [1]
    bench.filters("", "{'flatten': lambda x: 'own'}")
    assert bench.render("{{ [[1]] | flatten }}{{ 1 }}") == "own1"
    assert bench.render("{{ [[1]] | ansible.builtin.flatten }}") == [1]
    assert bench.render("{{ [[1]] | ansible.legacy.flatten }}") == "own"


def test_arguments_are_plain_values(bench: Bench) -> None:
    bench.filters("import json", "{'dump': lambda x: json.dumps(x)}")
    found = bench.render("{{ x | dump }} ", x={"a": [Text("{{ b }}")]}, b=3)
    assert found == '{"a": [3]} '


def test_what_a_plugin_returns_is_no_template(bench: Bench) -> None:
    bench.filters("", "{'braces': lambda x: '{{ 1 + 1 }}'}")
    assert bench.render("{{ 1 | braces }}") == "{{ 1 + 1 }}"


def test_secrets_stay_secret(bench: Bench) -> None:
    bench.filters("", "{'first_of': lambda x: x['k'] + '.'}")
    found = bench.render("{{ x | first_of }}", x={"k": Secret("hush")})
    assert isinstance(found, Secret)
    assert found.reveal() == "hush."


def test_missing_values_are_no_arguments(bench: Bench) -> None:
    bench.filters("", "{'same': lambda x: x}")
    assert bench.render("{{ gone | same | default('d') }}") == "d"


@pytest.mark.parametrize(
    "raised", ["ValueError('no good')", "AnsibleFilterError('no good')", "Own('no good')"]
)
def test_a_failure_names_the_line_of_the_plugin(bench: Bench, raised: str) -> None:
    code = "from ansible.errors import AnsibleFilterError\nclass Own(Exception): pass\n"
    bench.filters(f"{code}def bad(x):\n    raise {raised}\n", "{'bad': bad}")
    with pytest.raises(O8Error) as caught:
        bench.render("{{ 1 | bad }}")
    assert caught.value.message == "The filter plugin 'bad' failed: no good"
    hint = caught.value.diagnostics[0].hint
    assert hint is not None
    assert hint.endswith(f"at {bench.folder}/filter_plugins/own.py:4")


@pytest.mark.parametrize(
    ("code", "line", "reason"),
    [
        ("\nimport no_such_thing", 2, "ModuleNotFoundError"),
        ("def f(:\n  pass", 1, "SyntaxError"),
        ("from ansible.plugins.action import ActionBase", 1, "ModuleNotFoundError"),
    ],
)
def test_a_file_that_cannot_be_loaded_is_named(bench: Bench, code: str, line: int, reason: str) -> None:
    bench.write("filter_plugins/broken.py", code)
    bench.plugins.beside(str(bench.folder))
    assert bench.render("{{ [2, 1] | min }}") == 1
    with pytest.raises(O8Error) as caught:
        bench.render("{{ 1 | broken }}")
    hint = str(caught.value.diagnostics[0].hint)
    assert hint.startswith(f"{bench.folder}/filter_plugins/broken.py:{line} cannot be loaded: {reason}")


def test_nothing_is_loaded_or_written_without_need(bench: Bench) -> None:
    bench.filters("raise SystemExit(3)", "{}")
    assert bench.plugins.mentions("filter", "SystemExit")
    assert not bench.plugins.mentions("filter", "other")
    assert bench.render("{{ x }}", x=1) == 1
    bench.filters("", "{'one': lambda x: 1}", "roles/r/filter_plugins/one.py")
    assert not list(bench.folder.rglob("__pycache__"))


def test_a_lookup_with_options_variables_and_files(bench: Bench) -> None:
    bench.write(
        "lookup_plugins/greet.py",
        """
        from ansible.plugins.lookup import LookupBase
        DOCUMENTATION = '''
        options:
          word: {default: hello, vars: [{name: greet_word}]}
        '''
        class LookupModule(LookupBase):
            def run(self, terms, variables=None, **kwargs):
                self.set_options(var_options=variables, direct=kwargs)
                found = self.find_file_in_search_path(variables, 'files', 'name.txt')
                who = open(found).read()
                return [f"{self.get_option('word')} {term} {who}" for term in self._flatten(terms)]
        """,
    )
    bench.write("files/name.txt", "you")
    bench.plugins.beside(str(bench.folder))
    place = {"playbook_dir": str(bench.folder)}
    assert bench.render("{{ lookup('greet', 'all') }}", **place) == "hello all you"
    assert bench.render("{{ query('greet', ['a', 'b'], word='hi') }}", **place) == ["hi a you", "hi b you"]
    assert bench.render("{{ lookup('greet', 1) }}", greet_word="yo", **place) == "yo 1 you"


def test_plugins_of_collections(bench: Bench) -> None:
    top = "collections/ansible_collections/o8test/things/plugins"
    bench.write(f"{top}/module_utils/double.py", "def double(x): return x * 2\n")
    code = (
        "from ansible_collections.o8test.things.plugins.module_utils.double import double\n"
        "from ..module_utils.double import double as same\nassert same is double\n"
    )
    bench.filters(code, "{'double': double}", f"{top}/filter/own.py")
    assert bench.render("{{ 4 | o8test.things.double }}") == 8
    with pytest.raises(O8Error, match="No filter named"):
        bench.render("{{ 4 | double }}")


def test_what_ansible_has_and_plugins_import(bench: Bench) -> None:
    code = """
    from ansible.module_utils._text import to_bytes, to_native
    from ansible.module_utils.common.collections import is_sequence
    from ansible.module_utils.parsing.convert_bool import boolean
    from ansible.module_utils.six import iteritems, string_types
    from ansible.utils.display import Display
    def tour(x):
        Display().vvv('seen')
        assert is_sequence(x) and not is_sequence('x') and isinstance('x', string_types)
        assert to_bytes('ä') == 'ä'.encode() and to_native(b'ok') == 'ok' and to_native(3) == '3'
        assert list(iteritems({1: 2})) == [(1, 2)]
        return [boolean(each) for each in x]
    """
    bench.filters(code, "{'tour': tour}")
    assert bench.render("{{ ['yes', 'off', 1] | tour }}") == [True, False, True]


def test_the_environment_of_the_process_stays(bench: Bench) -> None:
    before = dict(os.environ)
    bench.filters("", "{'one': lambda x: 1}")
    assert bench.render("{{ 0 | one }}") == 1
    assert dict(os.environ) == before
