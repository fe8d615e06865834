"""Lookup of community.general that makes up texts."""

from __future__ import annotations

import base64
import random
import secrets
import string
from collections.abc import Iterable
from typing import Any

from orchestr8.template.errors import LookupFailed
from orchestr8.template.filters.values import to_bool
from orchestr8.template.lookup import LookupCall

_KINDS = {
    "upper": ("min_upper", string.ascii_uppercase),
    "lower": ("min_lower", string.ascii_lowercase),
    "numbers": ("min_numeric", string.digits),
    "special": ("min_special", string.punctuation),
}
_DRAWN = ("numbers", "lower", "upper", "special")
"""The order in which the least of each kind are drawn: a seed has to give the same text."""
_ALIKE = "il1LoO0"


def random_string(_terms: list[Any], call: LookupCall) -> Iterable[str]:
    """Return one random text; a seed gives the same one again."""
    seed = call.option("seed")
    source = secrets.SystemRandom() if seed is None else random.Random(seed)  # noqa: S311
    kinds = _alphabets(call)
    alphabet, made = str(call.option("override_all") or ""), ""
    if not alphabet:
        alphabet = "".join(kinds[name] for name in kinds if to_bool(call.options.get(name, True)))
        for name in _DRAWN:
            made += _drawn(source, kinds[name], int(call.option(_KINDS[name][0], 0)))
    made += _drawn(source, alphabet, int(call.option("length", 8)) - len(made))
    if seed is None:
        made = "".join(source.sample(made, len(made)))
    if to_bool(call.option("base64")):
        return [base64.b64encode(made.encode()).decode()]
    return [made]


def _alphabets(call: LookupCall) -> dict[str, str]:
    """Return the characters of each kind, without those that look alike where that is asked for."""
    alike = call.option("similar_chars", _ALIKE) if to_bool(call.option("ignore_similar_chars")) else ""
    kinds = {
        name: "".join(each for each in chars if each not in alike) for name, (_, chars) in _KINDS.items()
    }
    kinds["special"] = str(call.option("override_special") or kinds["special"])
    return kinds


def _drawn(source: random.Random, alphabet: str, count: int) -> str:
    if not alphabet:
        raise LookupFailed("Available characters cannot be None, please change constraints")
    return "".join(source.choice(alphabet) for _ in range(count))


NAMES = {"random_string": random_string}
