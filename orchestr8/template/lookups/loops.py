"""Lookups that arrange lists for loops."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable
from itertools import product, zip_longest
from typing import Any

from orchestr8.template.errors import LookupFailed
from orchestr8.template.filters.mappings import subelements as pairs_below
from orchestr8.template.lookup import LookupCall


def items(terms: list[Any], call: LookupCall) -> Iterable[Any]:  # noqa: ARG001
    """Yield terms, those that are lists one level flattened."""
    for term in terms:
        if isinstance(term, (list, tuple)):
            yield from term
        else:
            yield term


def as_they_are(terms: list[Any], call: LookupCall) -> Iterable[Any]:  # noqa: ARG001
    """Yield the terms."""
    return terms


def pairs(terms: Any, call: LookupCall) -> Iterable[dict[str, Any]]:  # noqa: ARG001
    """Yield key and value of each entry of dicts."""
    for term in terms:
        if not isinstance(term, dict):
            raise LookupFailed(f"the lookup plugin expects a dictionary, got {_kind(term)}")
        for key, value in term.items():
            yield {"key": key, "value": value}


def _kind(value: Any) -> str:
    return repr("list" if isinstance(value, list) else type(value).__name__)


def flattened(terms: list[Any], call: LookupCall) -> Iterable[Any]:
    """Yield everything in nested lists."""
    for term in terms:
        if isinstance(term, (list, tuple)):
            yield from flattened(list(term), call)
        elif term not in ("None", "null"):
            yield term


def indexed_items(terms: list[Any], call: LookupCall) -> Iterable[Any]:
    """Yield index and item."""
    return [list(pair) for pair in enumerate(items(terms, call))]


def nested(terms: list[Any], call: LookupCall) -> Iterable[Any]:  # noqa: ARG001
    """Yield every combination of the lists' items, each as a flat list."""
    if not terms:
        raise LookupFailed("with_nested requires at least one element in the nested list")
    lists = [each if isinstance(each, (list, tuple)) else [each] for each in terms]
    return [_flat(each) for each in product(*lists)]


def _flat(parts: Iterable[Any]) -> list[Any]:
    flat: list[Any] = []
    for part in parts:
        flat.extend(part if isinstance(part, (list, tuple)) else [part])
    return flat


def together(terms: list[Any], call: LookupCall) -> Iterable[Any]:  # noqa: ARG001
    """Yield the lists' first items, second items and so on; None where one is shorter."""
    if not terms:
        raise LookupFailed("with_together requires at least one element in each list")
    return [_flat(each) for each in zip_longest(*terms)]


def subelements(terms: list[Any], call: LookupCall) -> Iterable[Any]:  # noqa: ARG001
    """Yield each item with each entry of a list inside it."""
    if len(terms) not in (2, 3):
        raise LookupFailed("subelements lookup expects a list of two or three items")
    items, key, flags = terms[0], terms[1], terms[2] if len(terms) == 3 else {}
    if not isinstance(items, (list, tuple, dict)) or not isinstance(key, str):
        raise LookupFailed(
            "subelements lookup expects a list of two items, first a dict or a list, second a string"
        )
    if not isinstance(flags, dict) or not flags.keys() <= {"skip_missing"}:
        message = (
            "subelements lookup expects a list of two or three items: the optional third item must be a dict"
        )
        raise LookupFailed(f"{message} with flags skip_missing")
    lenient = str(flags.get("skip_missing", False)).lower() in ("true", "yes", "1")
    if isinstance(items, dict) and items.get("skipped", False) is not False:
        return []
    listed = list(items.values()) if isinstance(items, dict) else list(items)
    wanted = [
        each for each in listed if not (isinstance(each, dict) and each.get("skipped", False) is not False)
    ]
    return [[_without(item, key.split(".")), each] for item, each in pairs_below(wanted, key, lenient)]


def _without(item: Any, path: list[str]) -> dict[str, Any]:
    rest = dict(item)
    if len(path) == 1:
        rest.pop(path[0], None)
    else:
        rest[path[0]] = _without(rest[path[0]], path[1:])
    return rest


def random_choice(terms: list[Any], call: LookupCall) -> Iterable[Any]:  # noqa: ARG001
    """Yield one of the terms at random."""
    return [random.SystemRandom().choice(list(terms))] if terms else []


_SHORT = re.compile(
    r"^(0x)?([0-9a-f]+)(?:-(0x)?([0-9a-f]+))?(?:/(-?(?:0x)?[0-9a-f]+))?(?::(.+))?$", re.IGNORECASE
)


def sequence(terms: list[Any], call: LookupCall) -> Iterable[str]:
    """Yield numbers from start to end by stride, written in a format."""
    for term in terms or ([{}] if call.options else []):
        yield from _count({**call.options, **_sequence_options(term)})


def _sequence_options(term: Any) -> dict[str, Any]:
    if isinstance(term, dict):
        return dict(term)
    text = str(term).strip()
    if "=" in text:
        return dict(part.split("=", 1) for part in text.split() if "=" in part)
    found = _SHORT.match(text)
    if found is None:
        raise LookupFailed(f"unknown error parsing with_sequence arguments: {text!r}")
    first, last = (found[1] or "") + found[2], (found[3] or "") + (found[4] or "")
    start, end = (first, last) if found[4] else ("1", first)
    options = {"start": start, "end": end, "stride": found[5], "format": found[6]}
    return {key: value for key, value in options.items() if value}


def _number(options: dict[str, Any], key: str, default: int | None) -> int | None:
    value = options.get(key)
    try:
        return default if value is None else int(str(value), 0)
    except ValueError:
        raise LookupFailed(f"option '{key}' has an invalid value: {value!r} is no integer") from None


def _count(options: dict[str, Any]) -> Iterable[str]:
    unknown = set(options) - {"start", "end", "count", "stride", "format"}
    if unknown:
        raise LookupFailed(f"unrecognized arguments to with_sequence: {sorted(unknown)}")
    start, end = _number(options, "start", 1), _number(options, "end", None)
    count, stride = _number(options, "count", None), _number(options, "stride", 1)
    start, stride = 1 if start is None else start, 1 if stride is None else stride
    if end is None and count is None:
        raise LookupFailed("must specify count or end in with_sequence")
    if end is not None and count is not None:
        raise LookupFailed("can't specify both count and end in with_sequence")
    if count is not None:
        if count == 0:
            return []
        end = start + count * stride - 1
    return _written(start, end or 0, stride, str(options.get("format", "%d")))


def _written(start: int, end: int, stride: int, form: str) -> list[str]:
    if stride > 0 and end < start:
        raise LookupFailed("to count backwards make stride negative")
    if stride < 0 and end > start:
        raise LookupFailed("to count forward don't make stride negative")
    if stride == 0:
        return []
    if form.count("%") - 2 * form.count("%%") != 1:
        raise LookupFailed(f"bad formatting string: {form}")
    return [form % number for number in range(start, end + (1 if stride > 0 else -1), stride)]


NAMES = {
    "items": items,
    "list": as_they_are,
    "dict": pairs,
    "sequence": sequence,
    "nested": nested,
    "cartesian": nested,
    "together": together,
    "subelements": subelements,
    "indexed_items": indexed_items,
    "flattened": flattened,
    "random_choice": random_choice,
}
