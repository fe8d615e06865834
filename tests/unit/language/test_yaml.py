"""YAML files become plain values that know their places."""

import codecs
import datetime as dt

import pytest

from orchestr8.core.errors import InvalidInput
from orchestr8.core.span import Mapping, Sequence, Span, Text
from orchestr8.language.building import MAX_DEPTH, Vaulted
from orchestr8.language.yaml import load, parse


def codes(source: str | bytes) -> list[str]:
    return [d.code for d in parse(source, "f.yml").diagnostics]


def test_every_value_knows_its_place() -> None:
    value = load("a: one\nb:\n  - two\n  - c: 'three'\n", "f.yml")
    assert isinstance(value, Mapping)
    assert value.key_spans["b"] == Span("f.yml", 2, 1, 1)
    assert value["a"].span == Span("f.yml", 1, 4, 3)
    assert isinstance(value["b"], Sequence)
    assert value["b"].item_spans == [Span("f.yml", 3, 5, 3), Span("f.yml", 4, 5, 1)]
    assert value["b"][1]["c"].span == Span("f.yml", 4, 9, 5)


@pytest.mark.parametrize(
    ("header", "line", "column"),
    [("|", 2, 5), (">", 2, 5), ("|-", 2, 5), ("|2", 2, 3)],
)
def test_a_block_scalar_stands_where_its_text_starts(header: str, line: int, column: int) -> None:
    text = load(f"a: {header}\n    text\n", "f.yml")["a"]
    assert (text.span.line, text.span.column) == (line, column)


def test_a_word_in_a_literal_block_is_found_by_arithmetic() -> None:
    source = "a:\n  b: |\n\n    one\n    two three\n"
    text = load(source, "f.yml")["a"]["b"]
    line = text.split("\n").index("two three")
    place = text.span.at(line, 4)
    assert source.split("\n")[place.line - 1][place.column - 1 :] == "three"


def test_strings_of_files_are_templates_unless_marked_unsafe() -> None:
    value = load("a: x\nb: !unsafe '{{ x }}'\nc: !unsafe [y, {z: w}]\n", "f.yml")
    assert isinstance(value["a"], Text)
    assert type(value["b"]) is str
    assert type(value["c"][0]) is str
    assert type(value["c"][1]["z"]) is str


def test_vaulted_values_are_kept_apart() -> None:
    document = parse("a: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  00\n", "f.yml")
    value = document.value["a"]
    assert isinstance(value, Vaulted)
    assert [(d.code, d.severity) for d in document.diagnostics] == [("O8-1801", "warning")]
    assert value.text.startswith("$ANSIBLE_VAULT")


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("yes", True), ("Off", False), ("~", None), ("", None), ("0644", 420), ("0x1F", 31), ("0b101", 5),
        ("1_000", 1000), ("22:22", 1342), ("1.5", 1.5), ("1e3", "1e3"), ("1.0e+3", 1000.0),
        ("-.inf", float("-inf")),
        ("089", "089"), ("1.2.3", "1.2.3"), ("y", "y"), ("n", "n"), ("2026-11-21", dt.date(2026, 11, 21)),
        ("2026-13-41", "2026-13-41"), ("10.0.0.1", "10.0.0.1"), ("=", "="), ("0o17", "0o17"),
    ],
)  # fmt: skip
def test_plain_scalars_mean_what_they_mean_in_yaml_1_1(word: str, value: object) -> None:
    assert load(f"a: {word}\n", "f.yml")["a"] == value


def test_explicit_tags_convert() -> None:
    assert load("[!!str 1, !!int '2', !!float '1', !!bool 'no', !!binary aGk=]", "f.yml") == [
        "1",
        2,
        1.0,
        False,
        b"hi",
    ]
    assert codes("!!int abc") == ["O8-1004"]


def test_merge_keys_and_anchors() -> None:
    value = load("base: &b {x: 1, y: 2}\none: {<<: *b, y: 3}\ntwo: {<<: [{x: 9}, *b]}\n", "f.yml")
    assert value["one"] == {"x": 1, "y": 3}
    assert value["two"] == {"x": 9, "y": 2}
    assert value["one"].key_spans["x"].line == 1
    assert codes("a: {<<: [1]}") == ["O8-1001"]


def test_the_last_of_duplicate_keys_counts_and_is_warned_of() -> None:
    document = parse("a: 1\na: 2\n", "f.yml")
    assert document.value == {"a": 2}
    assert [d.severity for d in document.diagnostics] == ["warning"]
    assert document.diagnostics[0].notes == ("first at f.yml:1:1",)


def test_files_that_explode_or_dive_are_refused() -> None:
    bomb = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{n}: &{n} [{','.join(['*' + p] * 10)}]\n" for p, n in zip("abcdefg", "bcdefgh", strict=True)
    )
    assert codes(bomb) == ["O8-1005"]
    assert codes("[" * 100_000) == ["O8-1005"]
    assert codes("[" * MAX_DEPTH + "]" * MAX_DEPTH) == []


def test_aliases_have_to_lead_somewhere() -> None:
    assert codes("a: *b") == ["O8-1006"]
    assert codes("&a [*a]") == ["O8-1006"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings(encoding: str) -> None:
    assert parse("a: größe\r\nb: 1\r\n".encode(encoding), "f.yml").value == {"a": "größe", "b": 1}


def test_bytes_that_are_no_text() -> None:
    found = parse(b"a: 1\nb: \xff\n", "f.yml").diagnostics[0]
    assert (found.code, str(found.span)) == ("O8-1002", "f.yml:2:4")
    assert codes(codecs.BOM_UTF16_LE + b"a") == ["O8-1002"]
    assert codes("a: \x01") == ["O8-1002"]


def test_empty_files_hold_nothing() -> None:
    assert load("", "f.yml") is None
    assert load("# only a comment\n", "f.yml") is None
    assert load("---\n...\n", "f.yml") is None


def test_load_raises_with_the_place() -> None:
    with pytest.raises(InvalidInput) as wrong:
        load("a: [1", "f.yml")
    assert wrong.value.diagnostics[0].span is not None


def test_sets_and_ordered_pairs_are_lists_as_templates_see_them() -> None:
    value = load("s: !!set {b, a}\no: !!omap [x: 1, y: [2]]\np: !!pairs [x: 1, x: 2]\n", "f.yml")
    assert value["s"] == ["b", "a"]
    assert value["o"] == [["x", 1], ["y", [2]]]
    assert value["p"] == [["x", 1], ["x", 2]]
    assert codes("s: !!set [a]\n") == codes("o: !!omap {a: 1}\n") == codes("t: !!tuple [1]\n") == ["O8-1004"]
