"""The registry of error codes: complete, without anything unused, and one meaning for each."""

from __future__ import annotations

import ast
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import orchestr8
from orchestr8.core.codes import CODES

ROOT = Path(orchestr8.__file__).parent
CODE = re.compile(r"O8-\d{4}")
REGISTRY = ROOT / "core" / "codes.py"
AREAS = {
    "10": {"language"},
    "11": {"language", "compile", "engine", "actions"},
    "12": {"language", "engine", "actions", "app"},
    "13": {"language", "compile", "template", "engine", "actions"},
    "14": {"language", "compile", "engine", "app"},
    "15": {"inventory", "app", "actions"},
    "16": {"language"},
    "17": {"app", "cli"},
    "18": {"language", "app", "cli", "core"},
    "19": {"language"},
    "20": {"transport", "engine"},
    "23": {"actions"},
    "24": {"actions"},
}
"""Who may use the codes that begin so; others are free."""


def used() -> Iterator[tuple[str, Path]]:
    """Yield every code that stands as a text in the tree, with its file."""
    for path in sorted(ROOT.rglob("*.py")):
        if path != REGISTRY:
            for node in ast.walk(ast.parse(path.read_bytes())):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    documented = "such as" in node.value
                    yield from ((code, path) for code in CODE.findall(node.value) if not documented)


def test_every_code_that_is_used_has_a_meaning() -> None:
    assert {code for code, _ in used()} - CODES.keys() == set()


def test_every_meaning_is_used() -> None:
    assert CODES.keys() - {code for code, _ in used()} == set()


def test_no_two_codes_mean_the_same() -> None:
    assert [meaning for meaning, times in Counter(CODES.values()).items() if times > 1] == []


def test_codes_are_in_order_and_written_once() -> None:
    written = re.findall(r'^    "(O8-\d{4})":', REGISTRY.read_text("utf-8"), re.MULTILINE)
    assert written == sorted(set(written))


def test_codes_are_never_put_together_from_pieces() -> None:
    pieces = [
        path.name
        for path in ROOT.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_bytes()))
        if isinstance(node, ast.JoinedStr)
        for part in node.values
        if isinstance(part, ast.Constant) and re.search(r"O8-\d{0,3}$", str(part.value))
    ]
    assert pieces == []


def test_a_code_is_used_only_where_its_meaning_belongs() -> None:
    strays = defaultdict(set)
    for code, path in used():
        area = path.relative_to(ROOT).parts[0]
        if area not in AREAS.get(code[3:5], {area}):
            strays[code].add(area)
    assert strays == {}
