"""The lineinfile module: one line is in a text file, or is not."""

from typing import Any, Dict, Optional

from orchestr8.remote.edited import EDIT_ARGS, Edit, finder, original, pattern
from orchestr8.remote.lines import END, START, Matcher, Wish, bare, split, with_line, without_lines
from orchestr8.remote.module import Arg, Call, Failure, Module

_EMPTY = (
    "The %s is an empty string, which will match every line in the file. This may have unintended "
    "consequences, such as replacing the last line in the file rather than appending."
)
_CARET = " If this is desired, use '^' to match every line in the file and avoid this warning."


class LineInFile(Module):
    """Make sure that a line is in a text file, or replace or remove one."""

    name = "lineinfile"
    args = dict(
        EDIT_ARGS,
        state=Arg(
            "str", "Whether the line has to be there.", default="present", choices=["absent", "present"]
        ),
        regexp=Arg("str", "Expression that finds the line to replace or remove.", aliases=["regex"]),
        search_string=Arg("str", "Text that the line to replace or remove contains."),
        line=Arg("str", "The line.", aliases=["value"]),
        insertafter=Arg("str", "EOF, BOF, or an expression: a new line goes after the last match."),
        insertbefore=Arg("str", "BOF, or an expression: a new line goes before the last match."),
        backrefs=Arg(
            "bool", "Fill groups of `regexp` into the line; without a match do nothing.", default=False
        ),
        create=Arg("bool", "Make the file if there is none.", default=False),
        firstmatch=Arg("bool", "Take the first match in place of the last.", default=False),
    )
    exclusive = (("insertbefore", "insertafter"), ("regexp", "search_string"), ("backrefs", "search_string"))

    def run(self, call: Call) -> Dict[str, Any]:
        """Edit the file."""
        _warn(call)
        before = original(call["path"])
        finds = _finder(call)
        if call["state"] == "present":
            return _present(call, before, finds)
        if finds is None and call["line"] is None:
            raise Failure("one of line, search_string, or regexp is required with state=absent")
        if before is None:
            return {"changed": False, "msg": "file not present"}
        return _absent(call, before, finds or _equal(_bytes(call["line"])))


def _warn(call: Call) -> None:
    if call["regexp"] == "":
        call.warnings.append(_EMPTY % "regular expression" + _CARET)
    if call["search_string"] == "":
        call.warnings.append(_EMPTY % "search string")


def _present(call: Call, before: Optional[bytes], finds: Optional[Matcher]) -> Dict[str, Any]:
    if call["backrefs"] and call["regexp"] is None:
        raise Failure("regexp is required with backrefs=true")
    if call["line"] is None:
        raise Failure("line is required with state=present")
    if before is None and not call["create"]:
        raise Failure("Destination %s does not exist !" % call["path"], rc=257)
    lines, msg = with_line(split(before or b""), _wish(call, finds))
    after = b"".join(lines)
    edit = Edit(call, before, after if msg or before is not None else b"", msg)
    edit.changed = bool(msg)
    result = edit.settle()
    return dict(result, backup=edit.backup)


def _absent(call: Call, before: bytes, leaves: Matcher) -> Dict[str, Any]:
    lines, found = without_lines(split(before), leaves)
    edit = Edit(call, before, b"".join(lines), "%d line(s) removed" % found)
    result = edit.settle()
    return dict(result, found=found, backup=edit.backup)


def _wish(call: Call, finds: Optional[Matcher]) -> Wish:
    after = call["insertbefore"] is None
    anchor: Any = (call["insertafter"] or END) if after else call["insertbefore"]
    if anchor not in (START, END) or (anchor == END and not after):
        anchor = finder(anchor, "insertafter" if after else "insertbefore")
    return Wish(
        _bytes(call["line"]), finds, anchor, after=after, first=call["firstmatch"], expand=call["backrefs"]
    )


def _finder(call: Call) -> Optional[Matcher]:
    if call["regexp"] is not None:
        regexp = call["regexp"]
        return pattern(regexp, "regexp").search if call["backrefs"] else finder(regexp, "regexp")
    if call["search_string"] is not None:
        needle = _bytes(call["search_string"])
        return lambda line: needle in line
    return None


def _equal(wanted: bytes) -> Matcher:
    return lambda line: bare(line) == wanted


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


MODULE = LineInFile
