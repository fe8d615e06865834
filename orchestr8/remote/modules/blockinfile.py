"""The blockinfile module: a marked block of lines is in a text file, or is not."""

from typing import Any, Dict, Tuple

from orchestr8.remote.blocks import Block, with_block
from orchestr8.remote.edited import EDIT_ARGS, Edit, original, pattern
from orchestr8.remote.module import Arg, Call, Failure, Module


class BlockInFile(Module):
    """Insert, update or remove a block of lines between marker lines."""

    name = "blockinfile"
    args = dict(
        EDIT_ARGS,
        state=Arg(
            "str", "Whether the block has to be there.", default="present", choices=["absent", "present"]
        ),
        marker=Arg(
            "str", "The marker lines; {mark} tells begin from end.", default="# {mark} ANSIBLE MANAGED BLOCK"
        ),
        block=Arg(
            "str",
            "The lines between the markers; without any the block is removed.",
            default="",
            aliases=["content"],
        ),
        insertafter=Arg("str", "EOF, or an expression: a new block goes after the last match."),
        insertbefore=Arg("str", "BOF, or an expression: a new block goes before the last match."),
        create=Arg("bool", "Make the file if there is none.", default=False),
        marker_begin=Arg("str", "What {mark} is in the first marker line.", default="BEGIN"),
        marker_end=Arg("str", "What {mark} is in the last marker line.", default="END"),
        append_newline=Arg("bool", "Have a blank line after the block.", default=False),
        prepend_newline=Arg("bool", "Have a blank line before the block.", default=False),
    )
    exclusive = (("insertbefore", "insertafter"),)

    def run(self, call: Call) -> Dict[str, Any]:
        """Edit the file."""
        path, present = call["path"], call["state"] == "present"
        before = original(path)
        if before is None and not call["create"]:
            raise Failure("Path %s does not exist !" % path, rc=257)
        if before is None and not present:
            return {"changed": False, "msg": "File %s not present" % path}
        block = _block(call, present=present)
        msg = "File created" if before is None else "Block inserted" if block.lines else "Block removed"
        edit = Edit(call, before, with_block(before or b"", block), msg)
        result = edit.settle()
        return dict(result, backup_file=edit.backup) if edit.backup else result


def _block(call: Call, *, present: bool) -> Block:
    anchor, after = _anchor(call)
    marker = _bytes(call["marker"])
    markers = tuple(marker.replace(b"{mark}", _bytes(call[name])) for name in ("marker_begin", "marker_end"))
    return Block(
        (markers[0], markers[1]),
        _bytes(call["block"]) if present else b"",
        anchor,
        after=after,
        blank_before=present and call["prepend_newline"],
        blank_after=present and call["append_newline"],
    )


def _anchor(call: Call) -> Tuple[Any, bool]:
    if call["insertbefore"] is not None:
        before = call["insertbefore"]
        return (None if before == "BOF" else pattern(before, "insertbefore")), False
    after = call["insertafter"]
    return (None if after in (None, "EOF") else pattern(after, "insertafter")), True


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


MODULE = BlockInFile
