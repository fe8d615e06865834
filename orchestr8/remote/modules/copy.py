"""The copy module: content from the controller, or a file or tree of the host, at a place on the host."""

import os
from typing import Any, Dict, Optional

from orchestr8.remote.destination import Destination, destination, require_parent
from orchestr8.remote.diffs import content_diff, joined
from orchestr8.remote.digests import digest, file_digest
from orchestr8.remote.files import read, replacement
from orchestr8.remote.module import Arg, Call, Failure, Module
from orchestr8.remote.ownership import FILE_ARGS, ownership, path_info

EMPTY = "da39a3ee5e6b4b0d3255bfef95601890afd80709"


class Copy(Module):
    """Copy files to hosts.

    The controller sends `checksum`, and the content as the blob; when it sends only the checksum and the host
    needs the content, the answer is `{"wants_content": true}` and the controller calls again.
    """

    name = "copy"
    exclusive = (("src", "content"),)
    args = dict(
        FILE_ARGS,
        src=Arg("path", "File or directory to copy; on the host with `remote_src`, else on the controller."),
        content=Arg("str", "Text to write, in place of `src`.", secret=True),
        dest=Arg("path", "Where to put it; a directory when it ends with a slash.", required=True),
        backup=Arg("bool", "Keep a dated copy of a file that is replaced.", default=False),
        force=Arg("bool", "Replace a file that differs; else only write where nothing is.", default=True),
        remote_src=Arg("bool", "Copy what is on the host already.", default=False),
        follow=Arg("bool", "Write through a symbolic link at `dest`.", default=False),
        local_follow=Arg("bool", "Copy what symbolic links in `src` point to, not the links."),
        directory_mode=Arg("bits", "Permissions of directories that are made."),
        checksum=Arg("str", "SHA-1 that the content must have."),
        validate=Arg("str", "Command that checks the new file before it is put in place; %s is its path."),
        decrypt=Arg("bool", "Decrypt vaulted sources on the controller.", default=True),
        _original_basename=Arg("str", "Name of the file below a `dest` that is a directory."),
    )

    def run(self, call: Call) -> Dict[str, Any]:
        """Write the content where it differs; set owner, group and mode."""
        if call["remote_src"]:
            from orchestr8.remote.remote_copy import copy_on_host

            return copy_on_host(call)
        data = _content(call)
        checksum = digest(data) if data is not None else call["checksum"]
        _verify(call, data, checksum)
        target = destination(call, call["dest"], _basename(call))
        return _place(call, target, data, checksum)


def _basename(call: Call) -> str:
    given = call.args.get("_original_basename")
    return str(given) if given else os.path.basename(call["src"] or "")


def _content(call: Call) -> Optional[bytes]:
    """Return the bytes to write, None when only their checksum is known so far."""
    if call["content"] is not None:
        return str(call["content"]).encode("utf-8", "surrogateescape")
    if call.blob or call["checksum"] == EMPTY:
        return call.blob
    if call["checksum"] is None:
        raise Failure("src (or content) is required")
    return None


def _verify(call: Call, data: Optional[bytes], checksum: str) -> None:
    expected = call["checksum"]
    if data is not None and expected and expected != checksum:
        msg = "Copied file does not match the expected checksum. Transfer failed."
        raise Failure(msg, checksum=checksum, expected_checksum=expected)


def _place(call: Call, target: Destination, data: Optional[bytes], checksum: str) -> Dict[str, Any]:
    path = target.path
    result: Dict[str, Any] = {"changed": False, "dest": path, "src": call["src"], "checksum": checksum}
    if os.path.exists(path) and not call["force"]:
        return dict(result, msg="file already exists")
    if not target.missing:
        require_parent(path, result)
    differs = _checksum_of(path) != checksum
    if differs and data is None and (call.diff or not call.check):
        return {"changed": False, "wants_content": True}
    diff = _content_diff(call, path, data) if differs and call.diff else {}
    if not differs:
        result["path"] = path
    if differs and not call.check:
        target.prepare(call)
        _put(call, path, data or b"", result)
    attributes: Dict[str, Any] = {}
    settled = ownership(call).settle(call, path, attributes)
    result["changed"] = differs or settled
    result.update(path_info(path))
    if call.diff and (diff or attributes):
        result["diff"] = joined(diff, attributes, path)
    return result


def _put(call: Call, path: str, data: bytes, result: Dict[str, Any]) -> None:
    saved = replacement(call).put(call, path, data)
    if saved:
        result["backup_file"] = saved
    try:
        result["md5sum"] = digest(data, "md5")
    except ValueError:
        result["md5sum"] = None


def _checksum_of(path: str) -> Optional[str]:
    """Return what stands there now; None for nothing, for a link, and for what is no readable file."""
    if os.path.islink(path):
        return None
    try:
        return file_digest(path)
    except OSError:
        return None


def _content_diff(call: Call, path: str, data: Optional[bytes]) -> Dict[str, Any]:
    exists = os.path.isfile(path)
    before = read(path) if exists else b""
    return content_diff(before, data or b"", header=path if exists else "", after_header=call["src"] or path)


MODULE = Copy
