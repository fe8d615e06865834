from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from orchestr8.core.span import Text
from orchestr8.template.errors import TemplateError
from orchestr8.template.scope import Scope
from orchestr8.template.templar import Templar


@pytest.fixture
def scope(tmp_path: Path) -> Scope:
    files = tmp_path / "files"
    files.mkdir()
    (files / "a.txt").write_text("alpha\n")
    (files / "b.txt").write_text("beta\n")
    (files / "x.ini").write_text("[s]\nkey = 1\nkey2=2\n")
    (files / "x.csv").write_text("li,3,lithium\nbe,4,beryllium\n")
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "none.j2").write_text("{# says nothing #}\n")
    (tmp_path / "templates" / "t.j2").write_text("{{ v }}-{{ w | default('no') }}\n")
    (tmp_path / "templates" / "one.j2").write_text("{% macro m() %}{{ {'v': v} }}{% endmacro %}\n{{ m() }}\n")
    return Scope({"playbook_dir": str(tmp_path), "v": 1, "vv": 2})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{ lookup('file', 'a.txt') }}", "alpha"),
        ("{{ lookup('template', 'none.j2') is none }}", True),
        ("{{ lookup('template', 'one.j2') }}", {"v": 1}),
        ("{{ lookup('config', 'DEFAULT_POLL_INTERVAL') }}", 15),
        ("{{ query('config', 'NO_SUCH', 'HOST_KEY_CHECKING', on_missing='skip') }}", [True]),
        ("{{ lookup('file', 'a.txt', 'b.txt') }}", "alpha,beta"),
        ("{{ q('file', 'a.txt', 'b.txt') }}", ["alpha", "beta"]),
        ("{{ q('fileglob', '*.txt') | map('basename') | sort }}", ["a.txt", "b.txt"]),
        ("{{ lookup('first_found', ['none.txt', 'files/b.txt']) | basename }}", "b.txt"),
        ("{{ q('first_found', ['none.txt'], skip=true) }}", []),
        ("{{ lookup('template', 't.j2', template_vars={'w': 'x'}) }}", "1-x\n"),
        ("{{ lookup('ini', 'key', section='s', file='x.ini') }}", "1"),
        ("{{ q('ini', 'key.*', section='s', file='x.ini', re=true) }}", ["1", "2"]),
        ("{{ lookup('csvfile', 'li file=x.csv delimiter=, col=2') }}", "lithium"),
        ("{{ lookup('vars', 'v') }}", 1),
        ("{{ lookup('vars', 'nowhere', default='d') }}", "d"),
        ("{{ q('varnames', '^v+$') }}", ["v", "vv"]),
        ("{{ lookup('pipe', 'echo hi') }}", "hi"),
        ("{{ q('lines', 'echo a; echo b') }}", ["a", "b"]),
        ("{{ lookup('env', 'O8_NOT_SET', default='d') }}", "d"),
        ("{{ lookup('env', 'O8_NOT_SET', default='d', name='n', context='c') }}", "d"),
        ("{{ lookup('env', 'HOME', default=undef()) | length > 0 }}", True),
        ("{{ q('sequence', '1-5/2:h%02d') }}", ["h01", "h03", "h05"]),
        ("{{ q('sequence', 'start=0 count=3') }}", ["0", "1", "2"]),
        ("{{ q('nested', [1, 2], ['a']) }}", [[1, "a"], [2, "a"]]),
        ("{{ q('together', [1, 2], ['a']) }}", [[1, "a"], [2, None]]),
        ("{{ q('subelements', [{'n': 1, 'l': [2, 3]}], 'l') }}", [[{"n": 1}, 2], [{"n": 1}, 3]]),
        ("{{ q('indexed_items', ['a']) }}", [[0, "a"]]),
        ("{{ lookup('file', 'none', errors='ignore') }}", None),
    ],
)
def test_lookups(text: str, expected: Any, scope: Scope) -> None:
    assert Templar().render(Text(text), scope) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{{ lookup('file', 'none.txt') }}", "The lookup plugin 'file' failed: Unable to access the file"),
        ("{{ lookup('nothing') }}", "The lookup plugin 'nothing' was not found."),
        ("{{ lookup('vars', 'nowhere') }}", "No variable named 'nowhere' was found."),
        ("{{ lookup('pipe', 'exit 3') }}", "returned 3"),
        ("{{ q('sequence', 'start=1') }}", "must specify count or end"),
    ],
)
def test_failing_lookups(text: str, message: str, scope: Scope) -> None:
    with pytest.raises(TemplateError) as caught:
        Templar().render(Text(text), scope)
    assert message in caught.value.message


def test_loops_go_over_lookups(scope: Scope) -> None:
    templar = Templar()
    assert templar.lookup("items", [Text("{{ v }}"), [2, [3]]], scope) == [1, 2, [3]]
    items = templar.lookup("items", Text("{{ [{'a': {'b': v}}] }}"), scope)
    assert (items, type(items[0])) == ([{"a": {"b": 1}}], dict)
    assert templar.lookup("dict", {"a": Text("{{ v }}")}, scope) == [{"key": "a", "value": 1}]
    assert templar.lookup("sequence", Text("count={{ vv }}"), scope) == ["1", "2"]


def test_passwords_are_kept_and_others_differ(scope: Scope, tmp_path: Path) -> None:
    text = Text("{{ lookup('password', 'secret/p length=12') }}")
    first = Templar().render(text, scope)
    assert (len(first), Templar().render(text, scope)) == (12, first)
    assert (tmp_path / "secret" / "p").stat().st_mode & 0o777 == 0o600
    two = Templar().render(
        Text("{{ [lookup('password', '/dev/null'), lookup('password', '/dev/null')] }}"), scope
    )
    assert two[0] != two[1]


def test_host_names_come_from_the_inventory(scope: Scope) -> None:
    templar = Templar(select_hosts=lambda pattern: [f"host of {pattern}"])
    assert templar.lookup("inventory_hostnames", "web:&prod", scope) == ["host of web:&prod"]


def test_encrypted_passwords_keep_their_salt(scope: Scope, tmp_path: Path) -> None:
    text = Text("{{ lookup('password', 'secret/e encrypt=sha256_crypt') }}")
    first = Templar().render(text, scope.over({"playbook_dir": str(tmp_path)}))
    again = Templar().render(text, scope.over({"playbook_dir": str(tmp_path)}))
    kept, _, salt = (tmp_path / "secret/e").read_text().strip().partition(" salt=")
    assert first == again
    assert first.startswith("$5$")
    assert f"${salt}$" in first
    bare = Text("{{ lookup('password', 'secret/e encrypt=') }}")
    assert Templar().render(bare, scope.over({"playbook_dir": str(tmp_path)})) == kept


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        ("DEFAULT_STRATEGY", "free"),
        ("DEFAULT_FORKS", 7),
        ("COLLECTIONS_PATHS", ["/c"]),
        ("DEFAULT_BECOME_USER", "root"),
        ("DEFAULT_BECOME", False),
    ],
)
def test_settings_are_those_of_the_run(term: str, expected: Any) -> None:
    known = {"STRATEGY": "free", "FORKS": 7, "COLLECTIONS_PATH": ["/c"], "BECOME_USER": None, "BECOME": False}
    templar = Templar(setting=known.__getitem__)
    assert templar.render(Text(f"{{{{ lookup('config', '{term}') }}}}"), Scope({})) == expected


def test_a_variable_that_is_not_set_may_be_undefined() -> None:
    templar = Templar()
    asked = "lookup('env', 'O8_NOT_SET', default=undef())"
    assert templar.render(Text(f"{{{{ {asked} is defined }}}}"), Scope({})) is False
    with pytest.raises(TemplateError, match="Mandatory variable"):
        templar.render(Text(f"{{{{ {asked} }}}}"), Scope({}))


def test_a_setting_that_nobody_knows_is_an_error() -> None:
    with pytest.raises(TemplateError, match="No config definition exists for 'NO_SUCH'"):
        Templar().render(Text("{{ lookup('config', 'NO_SUCH') }}"), Scope({}))
