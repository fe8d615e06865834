"""The text of a file of SOPS: the values in it with their paths, and the text with others in their places."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from orchestr8.core.errors import Diagnostic
from orchestr8.core.span import Span
from orchestr8.core.vaulted import VaultError
from orchestr8.language.vault.age import BROKEN

_INT = re.compile(r"[-+]?(?:0|[1-9][0-9]*)\Z")
_FLOAT = re.compile(r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+)(?:[eE][-+]?[0-9]+)?\Z")
_WORDS = {word: word.lower() == "true" for word in ("true", "True", "TRUE", "false", "False", "FALSE")}
_NULL = ("", "~", "null", "Null", "NULL")


@dataclass(frozen=True, slots=True)
class Leaf:
    """A value: its number in the file, the path it is bound to (`a:b:`, no list has a part in it)."""

    number: int
    path: str
    value: Any

    @property
    def name(self) -> str:
        """The path as people write it."""
        return self.path.rstrip(":").replace(":", ".")


@dataclass(frozen=True, slots=True)
class SopsText:
    """What a file holds. written: returns the file with other values, by number, and without SOPS' part."""

    leaves: list[Leaf]
    metadata: dict[str, Any]
    written: Callable[[Mapping[int, Any]], bytes]


def read_json(data: bytes, span: Span) -> SopsText:
    """Return what is in a JSON file; raise VaultError."""
    try:
        tree = json.loads(data)
    except ValueError as error:
        raise _broken(f"the SOPS file is no JSON: {error}", span) from None
    metadata = _metadata(tree.pop("sops", None), span)
    leaves: list[Leaf] = []
    numbered = _numbered(tree, "", leaves)

    def written(values: Mapping[int, Any]) -> bytes:
        return json.dumps(_filled(numbered, values, leaves), indent=2, ensure_ascii=False).encode()

    return SopsText([leaf for leaf in leaves if leaf.value is not None], metadata, written)


def _numbered(tree: Any, path: str, leaves: list[Leaf]) -> Any:
    """Return the tree with leaves in the places of its values."""
    if isinstance(tree, dict):
        return {key: _numbered(value, f"{path}{key}:", leaves) for key, value in tree.items()}
    if isinstance(tree, list):
        return [_numbered(value, path, leaves) for value in tree]
    leaves.append(Leaf(len(leaves), path, tree))
    return leaves[-1]


def _filled(tree: Any, values: Mapping[int, Any], leaves: list[Leaf]) -> Any:
    if isinstance(tree, dict):
        return {key: _filled(value, values, leaves) for key, value in tree.items()}
    if isinstance(tree, list):
        return [_filled(value, values, leaves) for value in tree]
    return values.get(tree.number, tree.value)


def read_yaml(data: bytes, span: Span) -> SopsText:
    """Return what is in a YAML file; raise VaultError."""
    try:
        text = data.decode("utf-8").removeprefix("\ufeff")
        root = yaml.compose(text, yaml.SafeLoader)
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        raise _broken(f"the SOPS file is no YAML: {error}", span) from None
    if not isinstance(root, yaml.MappingNode):
        raise _broken("a SOPS file has to be a mapping", span)
    own = next((pair for pair in root.value if pair[0].value == "sops"), None)
    loader = yaml.SafeLoader("")
    metadata = loader.construct_document(own[1]) if own else None
    nodes: list[Any] = []
    leaves: list[Leaf] = []
    for key, value in root.value:
        if own is None or key is not own[0]:
            for node, path in _scalars(value, f"{key.value}:"):
                leaves.append(Leaf(len(nodes), path, _scalar(node)))
                nodes.append(node)
    places = [(node.start_mark.index, node.end_mark.index) for node in nodes]
    part = (own[0].start_mark.index, own[1].end_mark.index) if own else (0, 0)

    def written(values: Mapping[int, Any]) -> bytes:
        changes = [
            (*places[number], json.dumps(value, ensure_ascii=False)) for number, value in values.items()
        ]
        return _replaced(text, [*changes, (*part, "")]).encode()

    return SopsText([leaf for leaf in leaves if leaf.value is not None], _metadata(metadata, span), written)


def _scalars(node: Any, path: str) -> Iterator[tuple[Any, str]]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from _scalars(value, f"{path}{key.value}:")
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _scalars(value, path)
    else:
        yield node, path


def _scalar(node: Any) -> Any:
    """Return a scalar as SOPS' YAML 1.2 reads it."""
    text = str(node.value)
    if node.style is not None:
        return text
    if text in _NULL:
        return None
    if text in _WORDS:
        return _WORDS[text]
    if _INT.match(text):
        return int(text)
    return float(text) if _FLOAT.match(text) else text


def _replaced(text: str, changes: list[tuple[int, int, str]]) -> str:
    """Return a text with what stands at some places replaced."""
    parts, at = [], 0
    for start, end, new in sorted(changes):
        parts += [text[at:start], new]
        at = end
    return "".join([*parts, text[at:]])


def _metadata(found: Any, span: Span) -> dict[str, Any]:
    if not isinstance(found, dict):
        raise _broken("the part `sops` of the file is missing", span)
    return found


def _broken(message: str, span: Span) -> VaultError:
    return VaultError(Diagnostic(BROKEN, message, span))
