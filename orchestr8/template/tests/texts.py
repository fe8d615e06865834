"""Tests of texts: patterns, versions, addresses."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from orchestr8.core.vaulted import Unvaulted
from orchestr8.template.guard import takes_missing
from orchestr8.template.tests.versions import KINDS
from orchestr8.template.undefined import Missing, Undecryptable

_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    **dict.fromkeys(("==", "=", "eq"), operator.eq),
    **dict.fromkeys(("<", "lt"), operator.lt),
    **dict.fromkeys(("<=", "le"), operator.le),
    **dict.fromkeys((">", "gt"), operator.gt),
    **dict.fromkeys((">=", "ge"), operator.ge),
    **dict.fromkeys(("!=", "<>", "ne"), operator.ne),
}
_Flag = bool


def regex(
    value: Any,
    pattern: str = "",
    ignorecase: _Flag = False,  # noqa: FBT002
    multiline: _Flag = False,  # noqa: FBT002
    match_type: str = "search",
) -> bool:
    """Whether a text matches a pattern: `search`, `match` or `fullmatch`."""
    flags = (re.IGNORECASE if ignorecase else 0) | (re.MULTILINE if multiline else 0)
    return bool(getattr(re.compile(pattern, flags), match_type)(str(value)))


def match(value: Any, pattern: str = "", ignorecase: _Flag = False, multiline: _Flag = False) -> bool:  # noqa: FBT002
    """Whether a text begins as a pattern says."""
    return regex(value, pattern, ignorecase, multiline, "match")


def search(value: Any, pattern: str = "", ignorecase: _Flag = False, multiline: _Flag = False) -> bool:  # noqa: FBT002
    """Whether a pattern is found in a text."""
    return regex(value, pattern, ignorecase, multiline, "search")


def version(
    value: Any,
    version: str,
    operator: str = "eq",
    strict: _Flag | None = None,
    version_type: str | None = None,
) -> bool:
    """Whether a version compares with another as the operator says."""
    if value is None or not str(value):
        raise ValueError("Input version value cannot be empty")
    if version is None or not str(version):
        raise ValueError("Version parameter to compare against cannot be empty")
    if strict is not None and version_type:
        raise ValueError("Cannot specify both 'strict' and 'version_type'")
    kind = version_type or ("strict" if strict else "loose")
    if kind not in KINDS:
        raise ValueError(f"Invalid version type ({kind}). Must be one of {', '.join(KINDS)}")
    if operator not in _OPERATORS:
        raise ValueError(f"Invalid operator type ({operator}). Must be one of {', '.join(_OPERATORS)}")
    return _OPERATORS[operator](KINDS[kind](str(value)), KINDS[kind](str(version)))


def uri(value: Any, schemes: list[str] | None = None) -> bool:
    """Whether a text is a URI, a relative one included; of one of the schemes when some are given."""
    return not schemes or urlsplit(str(value)).scheme in schemes


def url(value: Any, schemes: list[str] | None = None) -> bool:
    """Whether a text is a URL."""
    return uri(value, schemes) and bool(urlsplit(str(value)).netloc or urlsplit(str(value)).scheme == "file")


def urn(value: Any) -> bool:
    """Whether a text is a URN."""
    return uri(value, ["urn"])


@takes_missing
def vault_encrypted(value: Any) -> bool:
    """Whether a value was encrypted by a vault (`!vault`) where it was written."""
    if isinstance(value, Missing) and not isinstance(value, Undecryptable):
        value.o8_trip()
    return isinstance(value, (Unvaulted, Undecryptable))


def vaulted_file(path: str) -> bool:
    """Whether a file of the controller is encrypted by a vault."""
    with Path(path).open("rb") as file:
        return file.read(14) == b"$ANSIBLE_VAULT"


NAMES: dict[str, Any] = {
    "match": match,
    "search": search,
    "regex": regex,
    "version": version,
    "version_compare": version,
    "uri": uri,
    "url": url,
    "urn": urn,
    "vault_encrypted": vault_encrypted,
    "vaulted_file": vaulted_file,
}
