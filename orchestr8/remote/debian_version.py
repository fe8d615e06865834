"""Compares versions of Debian packages by Debian's rules."""

import re
from typing import List, Tuple


def newer_or_same(version: str, than: str) -> bool:
    """Tell whether a version is the other one or a later one."""
    return sort_key(version) >= sort_key(than)


def sort_key(version: str) -> Tuple[int, List[Tuple[List[int], int]], List[Tuple[List[int], int]]]:
    """Return what sorts as the version does: epoch, upstream version, Debian revision."""
    epoch, found, rest = version.partition(":")
    if not found:
        epoch, rest = "0", version
    upstream, _, revision = rest.rpartition("-") if "-" in rest else (rest, "", "0")
    return (int(epoch) if epoch.isdigit() else 0, _parts(upstream), _parts(revision))


def _parts(text: str) -> List[Tuple[List[int], int]]:
    """Cut into pairs of letters and number; their end sorts before any letter, a tilde before that."""
    pairs = re.findall(r"(\D*)(\d*)", text)
    found = [([_weight(letter) for letter in letters] + [0], int(number or 0)) for letters, number in pairs]
    while len(found) > 1 and found[-1] == ([0], 0):
        found.pop()
    return [*found, ([0], 0)]


def _weight(letter: str) -> int:
    if letter == "~":
        return -1
    return ord(letter) if letter.isalpha() else ord(letter) + 256
