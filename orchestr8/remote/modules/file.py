"""The file module: what a path is, who owns it, and what its permissions and times are."""

import os
from typing import Any, Dict

from orchestr8.remote.file_times import times
from orchestr8.remote.module import Arg, Call, Failure, Module
from orchestr8.remote.ownership import FILE_ARGS, group_exists, kind, path_info, user_exists

TIME_FORMAT = "%Y%m%d%H%M.%S"


class File(Module):
    """Manage files, directories and links, and their attributes."""

    name = "file"
    args = dict(
        FILE_ARGS,
        path=Arg("path", "The path to manage.", required=True, aliases=["dest", "name"]),
        state=Arg(
            "str",
            "What the path has to be; without it, what it is already.",
            choices=["absent", "directory", "file", "hard", "link", "touch"],
        ),
        src=Arg("path", "What a link points to."),
        recurse=Arg("bool", "Settle everything below a directory too.", default=False),
        force=Arg("bool", "Make links to what is not there, and in place of files.", default=False),
        follow=Arg("bool", "Manage what a symbolic link points to.", default=True),
        modification_time=Arg("str", "Modification time: preserve, now, or a moment."),
        modification_time_format=Arg("str", "How `modification_time` is written.", default=TIME_FORMAT),
        access_time=Arg("str", "Access time: preserve, now, or a moment."),
        access_time_format=Arg("str", "How `access_time` is written.", default=TIME_FORMAT),
        _original_basename=Arg("str", "Name of the file below a `path` that is a directory."),
        _diff_peek=Arg("bool", "Only tell what the path is and whether its content is text."),
    )

    def run(self, call: Call) -> Dict[str, Any]:
        """Make the path what it should be."""
        path = _path(call)
        if call.args.get("_diff_peek") is not None:
            return _peeked(path)
        state = call["state"] or _current(call, path)
        if call.check and state != "absent":
            _warn_of_strangers(call)
        if call["recurse"] and state != "directory":
            raise Failure("recurse option requires state to be 'directory'", path=path)
        if call["src"] and state not in ("link", "hard"):
            raise Failure("src option requires state to be 'link' or 'hard'", path=path)
        result = _make(call, path, state)
        diff = result.pop("diff", None)
        if call.diff and diff is not None:
            result["diff"] = diff
        if state == "absent":
            return result
        return dict(path_info(result.get("path", path)), **result)


def _warn_of_strangers(call: Call) -> None:
    """In check mode an owner or group may still be made by an earlier task of a real run: say so."""
    text = "failed to look up %s %s. Create it before this point in a real run"
    for owner, exists, what, number in (
        (call["owner"], user_exists, "user", "uid"),
        (call["group"], group_exists, "group", "gid"),
    ):
        if owner is not None and not exists(owner):
            kind_of = "%s with %s" % (what, number) if str(owner).isdigit() else what
            call.warnings.append(text % (kind_of, owner))


def _peeked(path: str) -> Dict[str, Any]:
    from orchestr8.remote.files import opened

    found: Dict[str, Any] = {"path": path, "changed": False, "state": kind(path), "appears_binary": False}
    try:
        with opened(path) as stream:
            found["appears_binary"] = b"\0" in stream.read(8192)
    except OSError:
        pass
    return dict(found, size=os.path.getsize(path)) if os.path.exists(path) else found


def _path(call: Call) -> str:
    """Return the path to manage: for a file said to be at a directory, the file inside."""
    path = str(call["path"])
    if call["state"] in ("link", "absent") or not os.path.isdir(path):
        return path
    name = call.args.get("_original_basename") or os.path.basename(call["src"] or "")
    return os.path.join(path, name) if name else path


def _current(call: Call, path: str) -> str:
    now = kind(path)
    if now != "absent":
        return now
    return "directory" if call["recurse"] else "file"


def _make(call: Call, path: str, state: str) -> Dict[str, Any]:
    from orchestr8.remote import file_state

    if state == "absent":
        return file_state.absent(call, path)
    wanted = times(call, state)
    if state in ("link", "hard"):
        from orchestr8.remote import file_links

        return (file_links.symbolic if state == "link" else file_links.hard)(call, path, wanted)
    act = {"file": file_state.present, "directory": file_state.directory, "touch": file_state.touched}
    return act[state](call, path, wanted)


MODULE = File
