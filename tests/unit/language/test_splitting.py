"""`key=value` text is split as in Ansible."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestr8.core.span import Span
from orchestr8.language.splitting import COMMAND_KEYS, Split, Unbalanced, split


@pytest.mark.parametrize(
    ("source", "named", "rest"),
    [
        ("src=a dest=b", {"src": "a", "dest": "b"}, ""),
        ("msg='two words' x=1", {"msg": "two words", "x": "1"}, ""),
        ('msg="say \\"hi\\""', {"msg": 'say "hi"'}, ""),
        ("msg={{ a b }} y={{ c|d('x y') }}", {"msg": "{{ a b }}", "y": "{{ c|d('x y') }}"}, ""),
        ("a={% if x %} y {% endif %}", {"a": "{% if x %}", }, "y {% endif %}"),
        ("state=present foo", {"state": "present"}, "foo"),
        ("a=b=c", {"a": "b=c"}, ""),
        ("line\\=x", {}, "line\\=x"),
        ("content=a\\tb\\nc", {"content": "a\tb\nc"}, ""),
        ("a=1 \\\n  b=2", {"a": "1", "b": "2"}, ""),
        ("", {}, ""),
    ],
)  # fmt: skip
def test_split(source: str, named: dict[str, str], rest: str) -> None:
    found = split(source, None)
    assert (dict(found.named), found.rest) == (named, rest)


@pytest.mark.parametrize(
    ("source", "named", "rest"),
    [
        ("echo hi chdir=/tmp", {"chdir": "/tmp"}, "echo hi"),
        ("FOO=1 env | grep a=b", {}, "FOO=1 env | grep a=b"),
        ("creates=/x  make   all", {"creates": "/x"}, "make   all"),
        ('sh -c "a  b" removes=/y', {"removes": "/y"}, 'sh -c "a  b"'),
        ("one\ntwo chdir=/\nthree", {"chdir": "/"}, "one\ntwo three"),
    ],
)
def test_commands_keep_their_text(source: str, named: dict[str, str], rest: str) -> None:
    found = split(source, None, COMMAND_KEYS)
    assert dict(found.named) == named
    assert found.rest == rest


def test_values_know_their_places() -> None:
    named = split('src=a.txt dest="/b c"', Span("f.yml", 3, 11)).named
    assert named.key_spans["dest"] == Span("f.yml", 3, 21, 4)
    assert named["dest"].span == Span("f.yml", 3, 27, 4)


@pytest.mark.parametrize("source", ["msg='open", 'a="b', "a={{ b", "x={% y"])
def test_open_quotes_and_braces_are_refused(source: str) -> None:
    with pytest.raises(Unbalanced):
        split(source, None)


@given(st.text(alphabet="ab=' \"{}%#\\\n\t"))
def test_any_text_is_split_or_refused(source: str) -> None:
    try:
        found = split(source, Span("f", 1))
    except Unbalanced:
        return
    assert isinstance(found, Split)
    assert all(name == name.strip() for name in found.named)


def test_references_to_groups_stay_as_written() -> None:
    assert split(r"replace='\1' regexp='\\b'", None).named == {"replace": r"\1", "regexp": r"\b"}
