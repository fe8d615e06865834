"""File modes as people write them: numbers, octal text, and chmod's symbolic form."""

import os
import stat
from typing import Any

from orchestr8.remote.module import Failure

_CLAUSE = r"^([augo]*)((?:[-+=][rwxXstugo]*)+)$"
_STEP = r"([-+=])([rwxXstugo]*)"
_SHIFT = {"u": 6, "g": 3, "o": 0}
_PERMISSION = {"r": 4, "w": 2, "x": 1}
_SPECIAL = {"u": stat.S_ISUID, "g": stat.S_ISGID, "o": stat.S_ISVTX}


def bits(mode: Any, now: int, *, path: str = "") -> int:
    """Return the permission bits that `mode` asks of a file whose st_mode is `now`.

    mode: an int, octal text such as "0644", or symbolic text such as "u=rw,go-w".
    """
    if isinstance(mode, int):
        return _only_permissions(mode, path)
    text = str(mode).strip()
    try:
        return _only_permissions(int(text, 8), path)
    except ValueError:
        return _symbolic(text, now, path)


def octal(mode: int) -> str:
    """Return permission bits the way results show them, such as "0644" and "01777"."""
    return "0%03o" % stat.S_IMODE(mode)


def umask() -> int:
    """Return the process's umask."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _only_permissions(mode: int, path: str) -> int:
    if mode < 0 or mode != stat.S_IMODE(mode):
        raise Failure(
            "Invalid mode supplied, only permission info is allowed", path=path, details="0%o" % mode
        )
    return mode


def _symbolic(text: str, now: int, path: str) -> int:
    import re

    result = stat.S_IMODE(now)
    for clause in text.split(","):
        match = re.match(_CLAUSE, clause)
        if not match:
            details = "bad symbolic permission for mode: %s" % clause
            raise Failure("mode must be in octal or symbolic form", path=path, details=details)
        who = match.group(1)
        for operator, letters in re.findall(_STEP, match.group(2)):
            result = _step(result, now, who, operator, letters)
    return result


def _step(mode: int, now: int, who: str, operator: str, letters: str) -> int:
    """Apply one operator; without a "who" the umask limits what is granted, as chmod does."""
    mask = 0 if who else umask()
    before = mode
    for user in "ugo" if not who or "a" in who else who:
        asked = _asked(before, now, user, letters) & ~(mask & 7 << _SHIFT[user])
        if operator == "=":
            mode &= ~(7 << _SHIFT[user] | _SPECIAL[user])
        mode = mode & ~asked if operator == "-" else mode | asked
    return mode


def _asked(mode: int, now: int, user: str, letters: str) -> int:
    asked = 0
    for letter in letters:
        if letter in _PERMISSION:
            asked |= _PERMISSION[letter] << _SHIFT[user]
        elif letter in _SHIFT:
            asked |= ((mode >> _SHIFT[letter]) & 7) << _SHIFT[user]
        elif letter == "X":
            asked |= 1 << _SHIFT[user] if stat.S_ISDIR(now) or mode & 0o111 else 0
        elif letter == "s":
            asked |= _SPECIAL[user] if user != "o" else 0
        elif letter == "t":
            asked |= _SPECIAL[user] if user == "o" else 0
    return asked
