"""`ansible.module_utils.compat.version`: versions that can be compared."""

import re
from functools import total_ordering
from typing import Any, Tuple


@total_ordering
class Version:
    """A version out of its text."""

    def __init__(self, vstring: Any = None) -> None:
        self.version: Any = ()
        if vstring:
            self.parse(str(vstring))

    def parse(self, vstring: str) -> None:
        """Take a text apart."""
        raise NotImplementedError

    def _cmp(self, other: Any) -> int:
        theirs = other if isinstance(other, Version) else type(self)(other)
        mine, yours = self._key(), theirs._key()
        return int(mine > yours) - int(mine < yours)

    def _key(self) -> Any:
        return self.version

    def __eq__(self, other: object) -> bool:
        return self._cmp(other) == 0

    def __lt__(self, other: Any) -> bool:
        return self._cmp(other) < 0

    def __hash__(self) -> int:
        return hash(str(self))

    def __repr__(self) -> str:
        return "%s ('%s')" % (type(self).__name__, self)


class LooseVersion(Version):
    """A version of numbers and words in any order."""

    component_re = re.compile(r"(\d+ | [a-z]+ | \.)", re.VERBOSE)

    def parse(self, vstring: str) -> None:
        """Take a text apart."""
        self.vstring = vstring
        parts = [part for part in self.component_re.split(vstring) if part and part != "."]
        self.version = [int(part) if part.isdigit() else part for part in parts]

    def __str__(self) -> str:
        return str(getattr(self, "vstring", ""))


class StrictVersion(Version):
    """A version of two or three numbers, and perhaps a letter and a number."""

    version_re = re.compile(r"^(\d+)\.(\d+)(?:\.(\d+))?(?:([ab])(\d+))?$")

    def parse(self, vstring: str) -> None:
        """Take a text apart; raise ValueError."""
        match = self.version_re.match(vstring)
        if not match:
            raise ValueError("invalid version number '%s'" % vstring)
        major, minor, patch, letter, number = match.groups()
        self.version: Tuple[int, ...] = (int(major), int(minor), int(patch or 0))
        self.prerelease = (letter, int(number)) if letter else None

    def _key(self) -> Any:
        return self.version, self.prerelease is None, self.prerelease or ("", 0)

    def __str__(self) -> str:
        shown = self.version[:2] if self.version[2:] == (0,) else self.version
        return ".".join(map(str, shown)) + ("%s%d" % self.prerelease if self.prerelease else "")
