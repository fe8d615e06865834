"""Lines of fstab: six fields, spaces in them as \\040."""

from typing import List, NamedTuple, Optional

Line = NamedTuple(
    "Line",
    [("src", str), ("path", str), ("fstype", str), ("opts", str), ("dump", str), ("passno", str)],
)


def parsed(text: str) -> Optional[Line]:
    """Return a line's fields, None for comments and what is no line of fstab."""
    bare = text.split("#", 1)[0] if text.lstrip().startswith("#") else text
    fields = bare.split()
    if not 4 <= len(fields) <= 6:
        return None
    fields += ["0"] * (6 - len(fields))
    return Line(*(plain(field) for field in fields))


def rendered(line: Line) -> str:
    """Return the line as it stands in a file."""
    return " ".join(field.replace(" ", "\\040").replace("\t", "\\011") for field in line)


def plain(field: str) -> str:
    """Return a field with its escapes resolved."""
    for code, letter in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        field = field.replace(code, letter)
    return field


def is_for(line: Optional[Line], wanted: Line) -> bool:
    """Return whether a line is of the same mount point; swap has none, there the device counts."""
    if line is None or line.path != wanted.path:
        return False
    return line.src == wanted.src if wanted.path in ("none", "swap", "-") else True


def edited(lines: List[str], wanted: Line) -> List[str]:
    """Return the lines with the wanted one, in the place of its like."""
    found = [number for number, text in enumerate(lines) if is_for(parsed(text), wanted)]
    if not found:
        return [*lines, rendered(wanted)]
    kept = [text for number, text in enumerate(lines) if number not in found[:-1]]
    at = found[-1] - (len(found) - 1)
    if parsed(kept[at]) != wanted:
        kept[at] = rendered(wanted)
    return kept


def mounts(table: str) -> List[Line]:
    """Return the mounts of a table such as /proc/mounts; a later one lies on top of an earlier."""
    found = [parsed(text) for text in table.splitlines()]
    return [line for line in found if line is not None]
