"""The replace module: every match of an expression in a file is replaced."""

import re
from typing import Any, Dict, Optional, Tuple

from orchestr8.remote.diffs import content_diff
from orchestr8.remote.edited import EDIT_ARGS, Edit, original
from orchestr8.remote.module import Arg, Call, Failure, Module


class Replace(Module):
    """Replace all matches of a regular expression in a file, or in a part of it."""

    name = "replace"
    args = dict(
        EDIT_ARGS,
        regexp=Arg("str", "Expression to replace; ^ and $ match at every line.", required=True),
        replace=Arg(
            "str", "What stands in its place; groups may be named. Empty removes the match.", default=""
        ),
        after=Arg("str", "Expression: only what follows it is changed."),
        before=Arg("str", "Expression: only what comes before it is changed."),
        encoding=Arg("str", "The file's encoding.", default="utf-8"),
    )

    def run(self, call: Call) -> Dict[str, Any]:
        """Edit the file."""
        path = call["path"]
        _substituted(call, "")  # A mistake in the expression shows before the file is looked at.
        before = original(path)
        if before is None:
            raise Failure("Path %s does not exist !" % path, rc=257)
        text = _decoded(before, call["encoding"], path)
        span = _section(call, text)
        if span is None:
            msg = "Pattern for before/after params did not match the given file: %s" % _around(call)
            return {"changed": False, "rc": 0, "msg": msg}
        start, end = span
        new, count = _substituted(call, text[start:end])
        after = (text[:start] + new + text[end:]).encode(call["encoding"], "surrogateescape")
        edit = Edit(call, before, after, "%d replacements made" % count)
        result = dict(edit.settle(), rc=0)
        result.pop("diff", None)
        if call.diff and edit.changed:
            result["diff"] = content_diff(before, after, header=path)
        return dict(result, backup_file=edit.backup) if edit.backup else result


def _decoded(data: bytes, encoding: str, path: str) -> str:
    try:
        return data.decode(encoding, "surrogateescape")
    except (LookupError, UnicodeError) as error:
        raise Failure("Unable to read the contents of %s: %s" % (path, error), path=path) from None


def _around(call: Call) -> str:
    after, before = call["after"] or "", call["before"] or ""
    if not after and not before:
        return ""
    return "%s(?P<subsection>.*%s)%s" % (after, "?" if after and before else "", before)


def _section(call: Call, text: str) -> Optional[Tuple[int, int]]:
    """Return the part of the text that may be changed, None when it is not found."""
    around = _around(call)
    if not around:
        return 0, len(text)
    match = _compiled(around, re.DOTALL).search(text)
    return match.span("subsection") if match else None


def _substituted(call: Call, section: str) -> Tuple[str, int]:
    try:
        return _compiled(call["regexp"], re.MULTILINE).subn(call["replace"], section)
    except (re.error, IndexError) as error:
        raise Failure("Unable to process replace due to error: %s" % error) from None


def _compiled(source: str, flags: int) -> "re.Pattern[str]":
    try:
        return re.compile(source, flags)
    except re.error as error:
        raise Failure("not a valid regular expression: %s: %s" % (source, error)) from None


MODULE = Replace
