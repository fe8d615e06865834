"""Lines of authorized_keys: options, kind, key and comment."""

import re
from typing import List, NamedTuple, Optional

KINDS = re.compile(r"^(ssh-(rsa|dss|ed25519)|ecdsa-sha2-[a-z0-9-]+|sk-[a-z0-9@.-]+|[a-z0-9-]+@openssh\.com)$")

Line = NamedTuple("Line", [("options", str), ("kind", str), ("key", str), ("comment", str)])


def parsed(text: str) -> Optional[Line]:
    """Return a line's parts, None for comments, empty lines and what is no key."""
    bare = text.strip()
    if not bare or bare.startswith("#"):
        return None
    words = words_of(bare)
    for at in (0, 1):
        if len(words) > at + 1 and KINDS.match(words[at]):
            comment = bare.split(words[at + 1], 1)[1].strip()
            return Line(words[0] if at else "", words[at], words[at + 1], comment)
    return None


def words_of(text: str) -> List[str]:
    """Return the words of a line; a space between quotes separates none."""
    return [found.group(0) for found in re.finditer(r'(?:"(?:\\.|[^"\\])*"|[^\s"])+', text)]


def options(text: str) -> List[str]:
    """Return the options of a line one by one; a comma between quotes separates none."""
    return [found.group(0).strip() for found in re.finditer(r'(?:"(?:\\.|[^"\\])*"|[^,"])+', text)]


def rendered(line: Line) -> str:
    """Return the line as it stands in a file."""
    return " ".join(part for part in line if part)


def same(one: Line, other: Line) -> bool:
    """Return whether two lines mean the same; the order of options counts, since ssh takes the first."""
    return one[1:] == other[1:] and options(one.options) == options(other.options)
