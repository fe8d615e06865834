"""Tests of what a value is beyond its content; tests of Ansible itself use them."""

from __future__ import annotations

from typing import Any

from orchestr8.core.span import Text
from orchestr8.core.vaulted import Unvaulted, Vaulted


def tagged_with(value: Any, tag: str) -> bool:
    """Whether a value is trusted as a template, has a known place, or was encrypted."""
    kinds: dict[str, Any] = {"TrustedAsTemplate": Text, "VaultedValue": (Unvaulted, Vaulted)}
    if tag == "Origin":
        return getattr(value, "span", None) is not None
    return tag in kinds and isinstance(value, kinds[tag])


NAMES: dict[str, Any] = {"ansible._protomatter.tagged_with": tagged_with}
