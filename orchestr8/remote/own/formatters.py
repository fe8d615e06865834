"""`ansible.module_utils.common.text.formatters`: sizes as people write them."""

import re
from typing import Any, Dict, List, Optional

SIZE_RANGES: Dict[str, int] = {
    "Y": 1 << 80, "Z": 1 << 70, "E": 1 << 60, "P": 1 << 50, "T": 1 << 40, "G": 1 << 30, "M": 1 << 20,
    "K": 1 << 10, "B": 1,
}  # fmt: skip
_WORDS = {
    "B": ("byte", "bit"), "K": ("kilobyte", "kilobit"), "M": ("megabyte", "megabit"),
    "G": ("gigabyte", "gigabit"), "T": ("terabyte", "terabit"), "P": ("petabyte", "petabit"),
    "E": ("exabyte", "exabit"), "Z": ("zettabyte", "zetabit"), "Y": ("yottabyte", "yottabit"),
}  # fmt: skip


def lenient_lowercase(lst: Any) -> List[Any]:
    """Return the values of a list, texts in lower case."""
    return [each.lower() if isinstance(each, str) else each for each in lst]


def human_to_bytes(number: Any, default_unit: Optional[str] = None, isbits: bool = False) -> int:
    """Return the bytes (or bits) of a size such as 10M or 2KB; raise ValueError."""
    match = re.search(r"^([0-9]*\.?[0-9]+)(?:\s*([A-Za-z]+))?\s*$", str(number))
    if match is None:
        raise ValueError("human_to_bytes() can't interpret following string: %s" % number)
    amount, unit = float(match.group(1)), match.group(2) or default_unit
    if not unit:
        return round(amount)
    letter = unit[0].upper()
    if letter not in SIZE_RANGES:
        text = "human_to_bytes() failed to convert %s (unit = %s). The suffix must be one of %s"
        raise ValueError(text % (number, unit, ", ".join(SIZE_RANGES)))
    _check_unit(str(number), unit, letter, isbits=isbits)
    return round(amount * SIZE_RANGES[letter])


def _check_unit(number: str, unit: str, letter: str, *, isbits: bool) -> None:
    """Raise ValueError for bytes where bits are meant, and the other way round."""
    if len(unit) == 1:
        return
    sign = "b" if isbits else "B"
    whole = unit.lower() in (_WORDS[letter][int(isbits)], _WORDS[letter][int(isbits)] + "s")
    if not whole and unit[1:] not in (sign, "i" + sign):
        expected = letter if letter == "B" else letter + sign
        text = "human_to_bytes() failed to convert %s. Value is not a valid string (expect %s in %s)"
        raise ValueError(text % (number, "bits" if isbits else "bytes", expected))


def bytes_to_human(size: Any, isbits: bool = False, unit: Optional[str] = None) -> str:
    """Return a size with the largest unit that it has at least one of."""
    wanted = unit[0].upper() if unit else None
    letter, factor = "B", 1
    for name, limit in sorted(SIZE_RANGES.items(), key=lambda pair: -pair[1]):
        if name == wanted or (wanted is None and size >= limit):
            letter, factor = name, limit
            break
    base = "bits" if isbits else "Bytes"
    suffix = base if factor == 1 else letter + base[0]
    return "%.2f %s" % (size / float(factor), suffix)
