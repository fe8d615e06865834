"""A text file of the host that a module edits by its lines: read once, compared, replaced as a whole."""

import os
from typing import Any, Dict, List, Optional, Sequence

from orchestr8.remote.diffs import content_diff
from orchestr8.remote.files import Replacement, read
from orchestr8.remote.module import Call
from orchestr8.remote.ownership import Ownership


class TextFile:
    """The lines of a file, without their ends; an absent file has none.

    mode: for a file that is new; None leaves that to the umask.
    """

    def __init__(self, path: str, mode: Optional[int] = None) -> None:
        self.path = path
        self.exists = os.path.exists(path)
        self.mode = mode
        self._before = read(path) if self.exists else b""
        self.lines: List[str] = self._before.decode("utf-8", "surrogateescape").split("\n")
        if self.lines[-1] == "":
            self.lines.pop()

    def settle(self, call: Call, lines: Sequence[str], out: Dict[str, Any], *, backup: bool = False) -> bool:
        """Make these the file's lines; return whether they were not, with diff and backup in `out`."""
        if list(lines) == self.lines:
            return False
        after = "".join(line + "\n" for line in lines).encode("utf-8", "surrogateescape")
        if call.diff:
            out["diff"] = content_diff(self._before, after, header=self.path)
        if not call.check:
            owner = None if self.exists else Ownership(mode=self.mode)
            saved = Replacement(owner, backup=backup).put(call, os.path.realpath(self.path), after)
            if saved:
                out["backup_file"] = saved
        out["changed"] = True
        return True
