"""Conditions over measured values, such as `error_rate < 1% and p95 <= 400ms`.

What is not known stays not known: it makes a condition neither true nor false, unless the rest decides.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from orchestr8.deploy.gate.words import Word, words

Value = float | str | bool | None
"""A measured value; None: nothing is known."""
Values = Mapping[str, Value]
_Run = Callable[[Values], Value]
_DEEPEST = 20
_COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_ARITHMETIC: Mapping[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}


@dataclass(frozen=True, slots=True)
class Expression:
    """A condition as written, the names in it, and what works it out."""

    text: str
    names: frozenset[str]
    run: _Run

    def holds(self, values: Values) -> bool | None:
        """Return whether it holds, or None when that cannot be told."""
        found = self.run(values)
        return found if isinstance(found, bool) else None


def parse(text: str) -> Expression:
    """Return the condition that a text states; raises ValueError with the column of a mistake."""
    reader = _Reader(list(words(text)))
    run = reader.either()
    if reader.word.kind != "end":
        raise reader.unexpected()
    return Expression(text, frozenset(reader.names), run)


class _Reader:
    """Reads words from left to right, one method for each strength of binding."""

    def __init__(self, found: list[Word]) -> None:
        self._words = found
        self._depth = 0
        self.names: set[str] = set()

    @property
    def word(self) -> Word:
        return self._words[0]

    def unexpected(self) -> ValueError:
        return ValueError(f"column {self.word.at}: did not expect {self.word.text}")

    def _take(self, *signs: str) -> str:
        if self.word.kind == "sign" and self.word.text in signs:
            return self._words.pop(0).text
        return ""

    def either(self) -> _Run:
        made = self._both()
        while self._take("or"):
            made = _or(made, self._both())
        return made

    def _both(self) -> _Run:
        made = self._not()
        while self._take("and"):
            made = _and(made, self._not())
        return made

    def _not(self) -> _Run:
        times = 0
        while self._take("not"):
            times += 1
        made = self._compared()
        return _not(made) if times % 2 else made

    def _compared(self) -> _Run:
        left = self._sum()
        sign = self._take("==", "!=", "<", "<=", ">", ">=", "in")
        if not sign:
            return left
        made = _compare(sign, left, self._sum())
        if self.word.kind == "sign" and self.word.text in (*_COMPARE, "==", "!=", "in"):
            raise ValueError(f"column {self.word.at}: compare two values at a time and join them with `and`")
        return made

    def _sum(self) -> _Run:
        made = self._product()
        while sign := self._take("+", "-"):
            made = _calculate(sign, made, self._product())
        return made

    def _product(self) -> _Run:
        made = self._one()
        while sign := self._take("*", "/"):
            made = _calculate(sign, made, self._one())
        return made

    def _one(self) -> _Run:
        if self._take("("):
            self._depth += 1
            if self._depth > _DEEPEST:
                raise ValueError(f"column {self.word.at}: more than {_DEEPEST} brackets within each other")
            made = self.either()
            if not self._take(")"):
                raise ValueError(f"column {self.word.at}: a bracket is not closed")
            self._depth -= 1
            return made
        if self._take("-"):
            return _calculate("-", lambda _: 0.0, self._value())
        return self._value()

    def _value(self) -> _Run:
        word = self.word
        if word.kind not in ("value", "name"):
            raise self.unexpected()
        self._words.pop(0)
        if word.kind == "value":
            return lambda _: word.value
        self.names.add(word.text)
        return lambda values: _known(values.get(word.text))


def _known(value: Value) -> Value:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _truth(value: Value) -> bool | None:
    return value if isinstance(value, bool) else None


def _or(left: _Run, right: _Run) -> _Run:
    def run(values: Values) -> Value:
        found = (_truth(left(values)), _truth(right(values)))
        return True if True in found else None if None in found else False

    return run


def _and(left: _Run, right: _Run) -> _Run:
    def run(values: Values) -> Value:
        found = (_truth(left(values)), _truth(right(values)))
        return False if False in found else None if None in found else True

    return run


def _not(inner: _Run) -> _Run:
    def run(values: Values) -> Value:
        found = _truth(inner(values))
        return None if found is None else not found

    return run


def _compare(sign: str, left: _Run, right: _Run) -> _Run:
    def run(values: Values) -> Value:
        one, other = left(values), right(values)
        if one is None or other is None:
            return None
        if sign in ("==", "!="):
            return (one == other) == (sign == "==")
        if sign == "in":
            return one in other if isinstance(one, str) and isinstance(other, str) else None
        numbers = _numbers(one, other)
        return None if numbers is None else _COMPARE[sign](*numbers)

    return run


def _calculate(sign: str, left: _Run, right: _Run) -> _Run:
    def run(values: Values) -> Value:
        numbers = _numbers(left(values), right(values))
        if numbers is None or (sign == "/" and not numbers[1]):
            return None
        return _known(_ARITHMETIC[sign](*numbers))

    return run


def _numbers(one: Value, other: Value) -> tuple[float, float] | None:
    """Return two numbers, or None when one of them is something else."""
    for value in (one, other):
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
    return float(one or 0), float(other or 0)
