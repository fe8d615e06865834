"""A block of lines between two marker lines of a text: put in, replaced, or taken out."""

import re
from typing import Any, List, Optional, Tuple

from orchestr8.remote.lines import ended, split

_NEWLINE = b"\n"


class Block:
    """The marker lines, the lines between them (none takes the block out), and blank lines around.

    anchor: a compiled expression the block goes `after` or before, None for the text's end or start.
    """

    def __init__(
        self,
        markers: Tuple[bytes, bytes],
        text: bytes,
        anchor: Any = None,
        *,
        after: bool = True,
        blank_before: bool = False,
        blank_after: bool = False,
    ) -> None:
        self.markers = (ended(markers[0]), ended(markers[1]))
        self.lines = [self.markers[0], *split(ended(text)), self.markers[1]] if text else []
        self.anchor = anchor
        self.after = after
        self.blank_before = blank_before
        self.blank_after = blank_after


def with_block(text: bytes, block: Block) -> bytes:
    """Return a text with the block as it has to be."""
    lines = split(text)
    place = _cut(lines, block.markers)
    if place is None:
        place = _place(text, lines, block)
    if place > 0 and not lines[place - 1].endswith(_NEWLINE):
        lines[place - 1] += _NEWLINE
    if block.blank_before and place and lines[place - 1] != _NEWLINE:
        lines.insert(place, _NEWLINE)
        place += 1
    lines[place:place] = block.lines
    end = place + len(block.lines)
    if block.blank_after and end < len(lines) and lines[end] != _NEWLINE:
        lines.insert(end, _NEWLINE)
    return b"".join(lines)


def _cut(lines: List[bytes], markers: Tuple[bytes, bytes]) -> Optional[int]:
    """Take the block out of the lines; return where it stood, None when it is not there."""
    places = [[number for number, line in enumerate(lines) if line == marker] for marker in markers]
    if not all(places):
        return None
    first, last = sorted((places[0][-1], places[1][-1]))
    del lines[first : last + 1]
    return first


def _place(text: bytes, lines: List[bytes], block: Block) -> int:
    if block.anchor is None:
        return len(lines) if block.after else 0
    found = None
    if block.anchor.flags & re.MULTILINE:
        match = block.anchor.search(text)
        if match:
            found = text.count(_NEWLINE, 0, match.end() if block.after else match.start())
    else:
        for number, line in enumerate(lines):
            if block.anchor.search(line):
                found = number
    if found is None:
        return len(lines)
    return min(found + 1, len(lines)) if block.after else found
