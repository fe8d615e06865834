"""What find looks for: names, kinds, ages, sizes, contents and modes; each a test of one entry."""

import os
import re
import stat
from typing import Any, Callable, Dict, List, Optional

from orchestr8.remote.bits import bits
from orchestr8.remote.files import opened
from orchestr8.remote.module import Call, Failure

_AGE = re.compile(r"^(-?\d+)([smhdw]?)$")
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_SIZE = re.compile(r"^(-?\d+)([bkmgt]?)$")
_BYTES = {"": 1, "b": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40}
_KINDS: Dict[str, Callable[[int], bool]] = {
    "any": lambda _: True,
    "directory": stat.S_ISDIR,
    "file": stat.S_ISREG,
    "link": stat.S_ISLNK,
}
Test = Callable[[str, os.stat_result], bool]


def tests(call: Call, now: float) -> List[Test]:
    """Return what an entry has to pass, the cheap tests first."""
    kind = _KINDS[call["file_type"]]
    found: List[Test] = [lambda _, info: kind(info.st_mode), _names(call)]
    age, size = _number(call, "age", _AGE, _SECONDS), _number(call, "size", _SIZE, _BYTES)
    if age is not None:
        field = "st_%s" % call["age_stamp"]
        found.append(lambda _, info: _beyond(now - getattr(info, field), age))
    if size is not None and call["file_type"] in ("file", "any"):
        found.append(lambda _, info: not stat.S_ISREG(info.st_mode) or _beyond(info.st_size, size))
    if call["mode"] is not None:
        found.append(_mode(call))
    if call["contains"] is not None and call["file_type"] == "file":
        found.append(_contents(call))
    return found


def _number(call: Call, name: str, form: "re.Pattern[str]", units: Dict[str, int]) -> Optional[int]:
    if call[name] is None:
        return None
    match = form.match(call[name].lower())
    if not match:
        raise Failure("failed to process %s" % name, **{name: call[name]})
    return int(match.group(1)) * units[match.group(2)]


def _beyond(value: float, limit: int) -> bool:
    """Return whether a value is at least a limit, or at most its absolute value if that is negative."""
    return value >= limit if limit >= 0 else value <= -limit


def _names(call: Call) -> Test:
    default = ".*" if call["use_regex"] else "*"
    wanted = _matchers(call, call["patterns"] or [default])
    refused = _matchers(call, call["excludes"] or [])

    def test(path: str, _: os.stat_result) -> bool:
        name = os.path.basename(path)
        return any(match(name) for match in wanted) and not any(match(name) for match in refused)

    return test


def _matchers(call: Call, patterns: List[str]) -> List[Callable[[str], Any]]:
    import fnmatch

    try:
        return [re.compile(word if call["use_regex"] else fnmatch.translate(word)).match for word in patterns]
    except re.error as error:
        raise Failure("not a valid regular expression: %s: %s" % (", ".join(patterns), error)) from None


def _mode(call: Call) -> Test:
    wanted = bits(call["mode"], 0)
    if call["exact_mode"]:
        return lambda _, info: stat.S_IMODE(info.st_mode) == wanted
    return lambda _, info: bool(info.st_mode & wanted)


class Unreadable(Exception):
    """A file is not text in the encoding that was asked for; the rest of its path is not looked at."""


def _contents(call: Call) -> Test:
    try:
        wanted = re.compile(call["contains"])
    except re.error as error:
        raise Failure("not a valid regular expression: %s: %s" % (call["contains"], error)) from None
    whole, encoding = call["read_whole_file"], call["encoding"] or "utf-8"

    def test(path: str, _: os.stat_result) -> bool:
        try:
            with opened(path) as stream:
                text = stream.read().decode(encoding)
        except OSError:
            return False
        except LookupError as error:
            raise Unreadable(str(error)) from None
        except UnicodeError:
            raise Unreadable(
                "Failed to read the file %s due to an encoding error. current encoding: %s" % (path, encoding)
            ) from None
        return bool(wanted.search(text)) if whole else any(wanted.match(line) for line in text.splitlines())

    return test
