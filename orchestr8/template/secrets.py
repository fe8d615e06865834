"""Secrets on their way through templates."""

from __future__ import annotations

from typing import Any

from orchestr8.core.secret import MASK, Secret
from orchestr8.core.span import Text

_SHORTEST = 4


def reveal(value: Any) -> Any:
    """Return `value` with every secret in it shown; only for what leaves for a host."""
    if isinstance(value, Secret):
        return value.reveal()
    if isinstance(value, dict):
        return {key: reveal(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [reveal(each) for each in value]
    return str(value) if type(value) is Text else value


def holds_secret(value: Any) -> bool:
    """Return whether there is a secret in a value."""
    if isinstance(value, dict):
        return any(holds_secret(each) for each in value.values())
    if isinstance(value, (list, tuple)):
        return any(holds_secret(each) for each in value)
    return isinstance(value, Secret)


class Redactor:
    """Masks known secret values in any text."""

    def __init__(self) -> None:
        self._values: set[str] = set()

    def add(self, secret: Secret) -> Secret:
        """Know a secret from now on, and return it; very short ones cannot be told from other text."""
        value = secret.reveal()
        if len(value) >= _SHORTEST:
            self._values.add(value)
        return secret

    def mask(self, text: str) -> str:
        """Return `text` with every known secret replaced, the longest first."""
        for value in sorted(self._values, key=len, reverse=True):
            text = text.replace(value, MASK)
        return text
