"""The flags of lsattr and chattr, asked of the kernel without starting either."""

import os
import sys
from typing import Any, Dict, List, Optional, Set

from orchestr8.remote.module import Failure

_NAMES = {
    "A": "noatime",
    "a": "append",
    "c": "compressed",
    "C": "nocow",
    "d": "nodump",
    "D": "dirsync",
    "e": "extents",
    "E": "encrypted",
    "h": "blocksize",
    "i": "immutable",
    "I": "indexed",
    "j": "journalled",
    "N": "inline",
    "s": "zero",
    "S": "synchronous",
    "t": "notail",
    "T": "blockroot",
    "u": "undelete",
    "X": "compressedraw",
    "Z": "compresseddirty",
}
_BITS = {
    "s": 0x1,
    "u": 0x2,
    "S": 0x8,
    "D": 0x10000,
    "i": 0x10,
    "a": 0x20,
    "d": 0x40,
    "A": 0x80,
    "c": 0x4,
    "E": 0x800,
    "j": 0x4000,
    "I": 0x1000,
    "t": 0x8000,
    "T": 0x20000,
    "e": 0x80000,
    "C": 0x800000,
    "N": 0x10000000,
}
_OTHER_DIRECTION = ("ppc", "powerpc", "mips", "sparc", "alpha")


def describe(path: str) -> Dict[str, Any]:
    """Return `version`, `attr_flags` and `attributes` of a file; empty where the filesystem has none."""
    flags, version = _ask(path, 1), _ask(path, 1, kind="v")
    if flags is None:
        return {}
    letters = "".join(letter for letter, bit in _BITS.items() if flags & bit)
    known: List[str] = [_NAMES[letter] for letter in letters if letter in _NAMES]
    return {
        "version": None if version is None else str(version),
        "attr_flags": letters,
        "attributes": known,
    }


def settle(path: str, wanted: str, *, check: bool) -> Optional[Dict[str, str]]:
    """Make a file's flags as wanted ("+i", "-a", "=e", "i"); return before and after if they differ."""
    operator, letters = (wanted[0], wanted[1:]) if wanted[:1] in ("+", "-", "=") else ("=", wanted)
    unknown = [letter for letter in letters if letter not in _BITS]
    if unknown:
        raise Failure("unknown file attribute: %s" % "".join(unknown), path=path)
    before = str(describe(path).get("attr_flags", ""))
    if not _differs(set(before), set(letters), operator):
        return None
    if not check:
        _chattr(path, operator + letters)
    return {"before": before, "after": operator + letters}


def _differs(have: Set[str], asked: Set[str], operator: str) -> bool:
    if operator == "+":
        return not asked <= have
    if operator == "-":
        return bool(asked & have)
    return bool(asked) and have - {"e"} != asked - {"e"}


def _chattr(path: str, change: str) -> None:
    from orchestr8.remote.process import run, text

    done = run(["chattr", change, path], parse=True)
    if done.rc:
        raise Failure("chattr failed", path=path, details=text(done.stderr).strip())


def _ask(path: str, number: int, *, kind: str = "f") -> Optional[int]:
    """Ask the filesystem; None when it does not know, or when opening would block or act on a device."""
    import fcntl

    size = 8 if sys.maxsize > 1 << 32 else 4
    read = 1 << 30 if os.uname().machine.startswith(_OTHER_DIRECTION) else 2 << 30
    request = read | size << 16 | ord(kind) << 8 | number
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        answer = fcntl.ioctl(handle, request, bytes(size))
    except OSError:
        return None
    finally:
        os.close(handle)
    return int.from_bytes(answer[:4], sys.byteorder)
