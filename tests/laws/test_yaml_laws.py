"""YAML values are those of PyYAML's YAML 1.1, and no text makes a parser fall over."""

import math
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestr8.app.catalog import Actions, catalog
from orchestr8.compile.references import Sources, check_references
from orchestr8.language.files import Files
from orchestr8.language.load import Loader
from orchestr8.language.reading import StaticReader
from orchestr8.language.yaml import parse

WORDS = st.text(alphabet="0123456789+-_.:eExXobBinfINFaNyYesnotrulTF~ ", max_size=12)
PIECES = """- |  |a|b: |: |[|]|{|}|&x |*x|<<|>|'|"|#|{{|}}|!vault |!unsafe |!!int |1|hosts|tasks|é|? |%|@"""
YAMLISH = st.lists(st.sampled_from([*PIECES.split("|"), "|", "\n", "\t", "---\n"]), max_size=40).map("".join)
KEYS = [
    "hosts",
    "tasks",
    "roles",
    "vars",
    "name",
    "when",
    "block",
    "rescue",
    "copy",
    "command",
    "debug",
    "loop",
    "with_items",
    "notify",
    "handlers",
    "serial",
    "args",
    "action",
    "import_tasks",
    "include_role",
    "tags",
    "meta",
    "register",
    "vars_files",
    "vars_prompt",
    "services",
    "loop_control",
    "listen",
    "module_defaults",
    "role",
    "import_playbook",
    "environment",
    "become",
    "local_action",
    "module",
    "msg",
    "src",
]
SCALARS = st.sampled_from([None, True, False, -1, 3, "x", "{{ y }}", "{% z", "", "a=b c='", "1h", "{{ ("])
VALUES: Any = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5),
    max_leaves=25,
)
CATALOG = catalog(Actions())


def same(ours: Any, theirs: Any) -> bool:
    if isinstance(ours, float) and isinstance(theirs, float) and math.isnan(ours):
        return math.isnan(theirs)
    return bool(ours == theirs) and isinstance(ours, bool) == isinstance(theirs, bool)


@given(WORDS)
def test_plain_scalars_are_read_as_pyyaml_reads_them(word: str) -> None:
    source = f"[{word}]"
    try:
        theirs = yaml.load(source, Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, ValueError, IndexError):
        return
    ours = parse(source, "f")
    assert ours.failed is False
    if not isinstance(theirs[0] if theirs else None, dict):
        assert len(ours.value) == len(theirs)
        assert all(map(same, ours.value, theirs))


@given(YAMLISH)
def test_no_text_makes_the_parser_fall_over(text: str) -> None:
    document = parse(text, "f.yml")
    assert document.failed or document.value == document.value
    for found in document.diagnostics:
        assert found.span is not None
        assert found.span.line >= 1
        assert found.span.column >= 1


@given(st.binary(max_size=60))
def test_no_bytes_make_the_parser_fall_over(data: bytes) -> None:
    found = parse(data, "f.yml").diagnostics
    assert all(each.message and each.span and each.span.line >= 1 for each in found)


@settings(max_examples=300, deadline=None)
@given(VALUES)
def test_no_playbook_makes_the_reader_fall_over(tmp_path_factory: Any, value: Any) -> None:
    path = tmp_path_factory.getbasetemp() / "fuzz.yml"
    path.write_text(yaml.safe_dump([value]), encoding="utf-8")
    loader = Loader(CATALOG, files=Files())
    playbook, found = loader.survey([str(path)])
    reader = StaticReader(loader.files)
    found += check_references(playbook, (), Sources(reader.template, reader.variables, reader.line))
    assert all(each.message for each in found)
