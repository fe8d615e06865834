"""Where a line goes in a text, and which lines leave it."""

from typing import Any, Callable, List, Optional, Tuple

Matcher = Callable[[bytes], Any]
START = "BOF"
END = "EOF"


class Wish:
    """A line that has to be in a text.

    finds: tells the line it replaces. anchor: tells the line it goes `after` or before when none is
    replaced; START and END stand for the text's ends.
    """

    def __init__(
        self,
        line: bytes,
        finds: Optional[Matcher] = None,
        anchor: Any = END,
        *,
        after: bool = True,
        first: bool = False,
        expand: bool = False,
    ) -> None:
        self.line = line
        self.finds = finds
        self.anchor = anchor
        self.after = after
        self.first = first
        self.expand = expand


def with_line(lines: List[bytes], wish: Wish) -> Tuple[List[bytes], str]:
    """Return the lines with the wished one among them, and what was done: "" for nothing."""
    place, match = _match(lines, wish)
    if match:
        new = match.expand(wish.line) if wish.expand else wish.line
        return _replaced(lines, place, new)
    exact, anchored = _scan(lines, wish)
    if exact >= 0:
        return _replaced(lines, exact, wish.line)
    if wish.expand:
        return lines, ""
    if wish.anchor == START:
        return [ended(wish.line), *lines], "line added"
    if anchored < 0:
        return [*_ended_lines(lines), ended(wish.line)], "line added"
    if wish.after and _line_at(lines, anchored) == wish.line:
        return lines, ""
    lines = _ended_lines(lines) if anchored == len(lines) else lines
    return [*lines[:anchored], ended(wish.line), *lines[anchored:]], "line added"


def without_lines(lines: List[bytes], leaves: Matcher) -> Tuple[List[bytes], int]:
    """Return the lines that stay, and how many leave."""
    kept = [line for line in lines if not leaves(line)]
    return kept, len(lines) - len(kept)


def split(text: bytes) -> List[bytes]:
    """Return the lines of a text with their ends; only a line feed ends one."""
    parts = text.split(b"\n")
    last = parts.pop()
    return [part + b"\n" for part in parts] + ([last] if last else [])


def bare(line: bytes) -> bytes:
    """Return a line without its end."""
    return line.rstrip(b"\r\n")


def ended(line: bytes) -> bytes:
    """Return a line with an end."""
    return line if line.endswith(b"\n") else line + b"\n"


def _match(lines: List[bytes], wish: Wish) -> Tuple[int, Any]:
    """Return the last line to replace, or the first if asked."""
    found: Tuple[int, Any] = (-1, None)
    if wish.finds is None:
        return found
    for number, line in enumerate(lines):
        match = wish.finds(line)
        if match:
            found = number, match
            if wish.first:
                break
    return found


def _scan(lines: List[bytes], wish: Wish) -> Tuple[int, int]:
    """Return where the very line stands, and where the anchor puts it; -1 for nowhere."""
    exact = anchored = -1
    for number, line in enumerate(lines):
        if bare(line) == wish.line:
            exact = number
        elif callable(wish.anchor) and wish.anchor(line):
            anchored = number + 1 if wish.after else number
            if wish.first:
                break
    return exact, anchored


def _replaced(lines: List[bytes], place: int, new: bytes) -> Tuple[List[bytes], str]:
    new = ended(new)
    if lines[place] == new:
        return lines, ""
    return [*lines[:place], new, *lines[place + 1 :]], "line replaced"


def _line_at(lines: List[bytes], place: int) -> bytes:
    return bare(lines[place]) if place < len(lines) else bare(lines[place - 1])


def _ended_lines(lines: List[bytes]) -> List[bytes]:
    """Return the lines, the last one ended, so that another can follow."""
    if lines and lines[-1][-1:] not in (b"\n", b"\r"):
        return [*lines[:-1], lines[-1] + b"\n"]
    return lines
