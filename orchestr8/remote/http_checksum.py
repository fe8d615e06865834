"""Checksums that tasks ask of downloads: given at once, or found in a file beside the download."""

import re
from typing import Any, Callable, List, Tuple

from orchestr8.remote.module import Failure

_BSD = re.compile(r"^(\w+) ?\((?P<path>.+)\) ?= (?P<digest>[\w.]+)$")
_GNU = re.compile(r"^(?P<digest>[\w.]+)\s+(\*|\./|\.)?(?P<path>.+)$")
_SCHEMES = ("http:", "https:", "ftp:", "file:")


def expected(given: str, name: str, fetch: Callable[[str], str], **result: Any) -> Tuple[str, str]:
    """Return algorithm and hex digest out of `algorithm:digest` or `algorithm:address of a list`."""
    algorithm, colon, value = given.partition(":")
    if not colon:
        raise Failure("The checksum parameter has to be in format <algorithm>:<checksum>", **result)
    if value.startswith(_SCHEMES):
        value = listed(fetch(value), name, value)
    value = re.sub(r"\W+", "", value).lower()
    if not re.match("^[0-9a-f]+$", value):
        raise Failure("The checksum format is invalid", **result)
    return algorithm, value


def listed(text: str, name: str, source: str) -> str:
    """Return a file's digest out of a list as sha256sum and BSD's tools write it."""
    lines: List[str] = text.splitlines()
    if len(lines) == 1 and len(lines[0].split()) == 1:
        return lines[0]
    for line in lines:
        match = _BSD.match(line) or _GNU.match(line)
        if match and match.group("path").lstrip("./") == name:
            return str(match.group("digest"))
    raise Failure("Unable to find a checksum for file '%s' in '%s'" % (name, source))
