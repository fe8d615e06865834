"""Selects hosts by patterns: names, globs, `~regex`, subscripts, unions, `&` and `!`, `@file`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import translate
from pathlib import Path
from typing import TYPE_CHECKING

from orchestr8.core.errors import Diagnostic, InvalidInput
from orchestr8.core.suggest import did_you_mean
from orchestr8.inventory.builder import PATTERN
from orchestr8.inventory.model import Host

if TYPE_CHECKING:
    from orchestr8.inventory.inventory import Inventory

_SUBSCRIPT = re.compile(
    r"(?P<rest>.+)\[(?:(?P<index>-?\d+)|(?P<start>\d+)[:-](?P<end>\d*))\]", re.ASCII | re.DOTALL
)
_PIECE = re.compile(r"(?:[^\s:\[\]]|\[[^\]]*\])+")
_IPV6 = re.compile(r"[0-9A-Fa-f]*(?::[0-9A-Fa-f]*){2,7}(?:%\w+)?", re.ASCII)
_SPECIAL = frozenset(".?*[")


@dataclass(frozen=True, slots=True)
class Selection:
    """Hosts in order, and warnings about patterns that matched none."""

    hosts: tuple[Host, ...]
    warnings: tuple[Diagnostic, ...] = ()


class Selector:
    """Evaluates patterns over one inventory."""

    def __init__(self, inventory: Inventory) -> None:
        self._inventory = inventory
        self._warnings: list[Diagnostic] = []

    def select(self, pattern: str | Iterable[str], limit: str | Iterable[str] | None) -> Selection:
        """Return the hosts of a pattern within a limit."""
        hosts = self._evaluate(["all"] if _is_blank(pattern) else split(pattern))
        if limit is not None and limit != "" and not _is_blank(limit):
            allowed = {host.name for host in self._evaluate(split(limit))}
            hosts = [host for host in hosts if host.name in allowed]
        return Selection(tuple(hosts), tuple(self._warnings))

    def _evaluate(self, pieces: list[str]) -> list[Host]:
        found: dict[str, Host] = {}
        for piece in in_order(pieces):
            if piece[0] == "&":
                kept = {host.name for host in self._matches(piece[1:])}
                found = {name: host for name, host in found.items() if name in kept}
            elif piece[0] == "!":
                for host in self._matches(piece[1:]):
                    found.pop(host.name, None)
            else:
                for host in self._matches(piece):
                    found.setdefault(host.name, host)
        return list(found.values())

    def _matches(self, piece: str) -> list[Host]:
        if piece in self._inventory.hosts:
            return [self._inventory.hosts[piece]]
        if piece.startswith("~"):
            return self._found(piece, _regex(piece[1:]))
        subscript = _SUBSCRIPT.fullmatch(piece)
        if subscript is None:
            return self._named(piece)
        return _part(self._named(subscript["rest"]), subscript)

    def _named(self, name: str) -> list[Host]:
        group = self._inventory.groups.get(name)
        if group is not None:
            return self._members(name)
        if not _SPECIAL & set(name):
            host = self._inventory.host(name)
            return [host] if host is not None else self._nothing(name)
        return self._found(name, re.compile(translate(name)))

    def _members(self, name: str) -> list[Host]:
        return self._inventory.groups[name].members()

    def _found(self, pattern: str, matcher: re.Pattern[str]) -> list[Host]:
        found: dict[str, Host] = {}
        groups = [name for name in list(self._inventory.groups) if matcher.match(name)]
        for group in groups:
            found.update({host.name: host for host in self._members(group) if host.name not in found})
        for name, host in list(self._inventory.hosts.items()):
            if name not in found and matcher.match(name):
                found[name] = host
        if not found and not groups:
            return self._local(pattern) or self._nothing(pattern)
        return list(found.values())

    def _local(self, name: str) -> list[Host]:
        host = self._inventory.host(name)
        return [host] if host is not None else []

    def _nothing(self, piece: str) -> list[Host]:
        known = [*self._inventory.groups, *self._inventory.hosts] if len(self._inventory.hosts) < 5000 else []
        hint = did_you_mean(piece, known)
        message = f"Could not match supplied host pattern, ignoring: {piece}"
        self._warnings.append(Diagnostic(PATTERN, message, None, hint, severity="warning"))
        return []


def _regex(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except re.error as failure:
        message = f"the host pattern `~{text}` is no regular expression: {failure}"
        raise InvalidInput(Diagnostic(PATTERN, message)) from None


def _part(hosts: list[Host], subscript: re.Match[str]) -> list[Host]:
    if subscript["index"] is not None:
        index = int(subscript["index"])
        return [hosts[index]] if -len(hosts) <= index < len(hosts) else []
    end = int(subscript["end"]) + 1 if subscript["end"] else None
    return hosts[int(subscript["start"]) : end]


def in_order(pieces: list[str]) -> list[str]:
    """Return pieces as they are evaluated: unions, then `&`, then `!`; without a union, over all hosts."""
    unions = [piece for piece in pieces if piece[0] not in "&!"]
    both = [piece for piece in pieces if piece[0] == "&"]
    without = [piece for piece in pieces if piece[0] == "!"]
    return [*(unions or ["all"] * bool(both or without)), *both, *without]


def split(pattern: str | Iterable[str]) -> list[str]:
    """Return the pieces of a pattern: separated by commas, or by colons where there is no comma."""
    if not isinstance(pattern, str):
        return [piece for each in pattern for piece in split(each)]
    if "," in pattern:
        return [piece for each in pattern.split(",") for piece in split(each)]
    text = pattern.strip()
    if text.startswith("@"):
        return split(_lines(text[1:]))
    if _IPV6.fullmatch(text):
        return [text]
    return [piece for piece in _PIECE.findall(text) if piece.strip("&!")]


def _is_blank(pattern: str | Iterable[str]) -> bool:
    """Return whether somebody wrote nothing but commas: that leaves nobody out."""
    return isinstance(pattern, str) and "," in pattern and not pattern.strip(", \t")


def _lines(path: str) -> list[str]:
    if Path(path).is_dir():
        raise InvalidInput(Diagnostic(PATTERN, f"the limit file `{path}` must be a file, not a directory"))
    try:
        lines = Path(path).read_text("utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as failure:
        message = f"the file of host patterns `{path}` cannot be read: {failure}"
        raise InvalidInput(Diagnostic(PATTERN, message)) from None
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]
