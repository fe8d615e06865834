"""Editing a text file: reading what is there, putting the new text in place, and reporting both."""

import os
from typing import Any, Dict, List, Optional, Pattern

from orchestr8.remote.diffs import content_diff
from orchestr8.remote.files import read, replacement
from orchestr8.remote.lines import Matcher
from orchestr8.remote.module import Arg, Call, Failure
from orchestr8.remote.ownership import FILE_ARGS, ownership

_SPECIAL = frozenset(".^$*+?{}[]\\|()")
EDIT_ARGS: Dict[str, Arg] = dict(
    FILE_ARGS,
    path=Arg("path", "The file to edit.", required=True, aliases=["dest", "destfile", "name"]),
    backup=Arg("bool", "Keep a dated copy of the file before a change.", default=False),
    validate=Arg("str", "Command that checks the new file before it is put in place; %s is its path."),
)


def original(path: str) -> Optional[bytes]:
    """Return a file's content, None when there is none."""
    if os.path.isdir(path):
        raise Failure("Path %s is a directory !" % path, rc=256)
    return read(path) if os.path.exists(path) else None


def pattern(source: str, name: str, flags: int = 0) -> Pattern[bytes]:
    """Compile a regular expression of a task for bytes."""
    import re

    try:
        return re.compile(source.encode("utf-8", "surrogateescape"), flags)
    except re.error as error:
        raise Failure("%s is not a valid regular expression: %s: %s" % (name, source, error)) from None


def finder(source: str, name: str) -> Matcher:
    """Return what tells whether an expression is found in a line; plain text needs no engine for that.

    Loading the engine takes a host longer than most edits do.
    """
    text = source[1:] if source.startswith("^") else source
    if not _SPECIAL.isdisjoint(text):
        return pattern(source, name).search
    needle = text.encode("utf-8", "surrogateescape")
    if text != source:
        return lambda line: line.startswith(needle)
    return lambda line: needle in line


class Edit:
    """A file before and after; `settle` makes it so and returns the result's common keys."""

    def __init__(self, call: Call, before: Optional[bytes], after: bytes, msg: str) -> None:
        self.call = call
        self.path = str(call["path"])
        self.before = before
        self.after = after
        self.msg = msg
        self.changed = before != after
        self.backup = ""

    def settle(self) -> Dict[str, Any]:
        """Write if anything differs, then settle owner and mode."""
        attributes: Dict[str, Any] = {}
        settled = False
        real = os.path.realpath(self.path)
        if self.changed and not self.call.check:
            settled = self._write(real, attributes)
        if os.path.exists(real):
            settled = ownership(self.call).settle(self.call, real, attributes) or settled
        msg = self.msg if self.changed else ""
        if settled:
            msg += "%sownership, perms or SE linux context changed" % (" and " if self.changed else "")
        result: Dict[str, Any] = {"changed": self.changed or settled, "msg": msg}
        if self.call.diff:
            result["diff"] = self._diff(attributes)
        return result

    def _write(self, real: str, attributes: Dict[str, Any]) -> bool:
        if self.before is None:
            _make_parent(self.path)
        how = replacement(self.call)
        how.differences = attributes
        self.backup = how.put(self.call, real, self.after)
        return how.settled

    def _diff(self, attributes: Dict[str, Any]) -> List[Dict[str, Any]]:
        content = content_diff(self.before or b"", self.after, header="%s (content)" % self.path)
        header = "%s (file attributes)" % self.path
        return [content, dict(attributes, before_header=header, after_header=header)]


def _make_parent(path: str) -> None:
    folder = os.path.dirname(path)
    if folder and not os.path.exists(folder):
        try:
            os.makedirs(folder)
        except OSError as error:
            raise Failure("Error creating %s (%s)" % (folder, error.strerror), path=path) from None
