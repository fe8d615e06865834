"""Access and modification times as tasks ask for them: preserved, now, or a moment in a format."""

import os
import time
from typing import Any, Dict, Optional, Union

from orchestr8.remote.module import Call, Failure
from orchestr8.remote.ownership import note

NOW = "now"
Moment = Union[None, float, str]


class Times:
    """The wanted times of a path: None preserves, NOW is the moment of the change, else seconds."""

    def __init__(self, modified: Moment, accessed: Moment) -> None:
        self.modified = modified
        self.accessed = accessed

    def settle(self, call: Call, path: str, diff: Optional[Dict[str, Any]] = None) -> bool:
        """Set the times where they differ; "now" always does."""
        if self.modified is None and self.accessed is None:
            return False
        try:
            info = os.stat(path)
            modified = _moment(self.modified, info.st_mtime)
            accessed = _moment(self.accessed, info.st_atime)
            if (modified, accessed) == (info.st_mtime, info.st_atime):
                return False
            if not call.check:
                self._write(path, info, modified, accessed)
        except OSError as error:
            raise Failure(
                "Error while updating modification or access time: %s" % error.strerror, path=path
            ) from None
        if modified != info.st_mtime:
            note(diff, "mtime", info.st_mtime, modified)
        if accessed != info.st_atime:
            note(diff, "atime", info.st_atime, accessed)
        return True

    def _write(self, path: str, info: os.stat_result, modified: float, accessed: float) -> None:
        """Write; "now" for both needs no ownership of the file, and a kept time keeps its nanoseconds."""
        if self.modified == NOW and self.accessed == NOW:
            os.utime(path)
            return
        mtime = info.st_mtime_ns if self.modified is None else int(modified * 1e9)
        atime = info.st_atime_ns if self.accessed is None else int(accessed * 1e9)
        os.utime(path, ns=(atime, mtime))


def times(call: Call, state: str) -> Times:
    """Return the times a call of the file module asks for; a touch means now, all else preserves."""
    default = "now" if state == "touch" else "preserve"
    return Times(
        _parsed(call["modification_time"] or default, call["modification_time_format"]),
        _parsed(call["access_time"] or default, call["access_time_format"]),
    )


def _parsed(given: str, pattern: str) -> Moment:
    if given == "preserve":
        return None
    if given == NOW:
        return NOW
    try:
        return time.mktime(time.strptime(given, pattern))
    except (ValueError, OverflowError) as error:
        text = "Error while obtaining timestamp for time %s using format %s: %s"
        raise Failure(text % (given, pattern, error)) from None


def _moment(wanted: Moment, now: float) -> float:
    if wanted is None:
        return now
    return time.time() if isinstance(wanted, str) else wanted
