"""copy: put a file, a tree of files or a text on a host."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

from orchestr8.actions.transfer import Asking, read, send, sending
from orchestr8.actions.tree import Entry, entries
from orchestr8.core.errors import Diagnostic, HostFailed
from orchestr8.engine.work import Work
from orchestr8.language.catalog import remote_spec

SPEC = replace(remote_spec("copy"), controller=True, checks_itself=True)
_OWN = ("src", "content", "local_follow", "decrypt", "directory_mode")


def run(work: Work) -> Asking:
    """Send what the host lacks; a folder is sent file by file."""
    args = dict(work.args)
    if args.get("remote_src"):
        return work.call("copy", args)
    _check(work)
    if args.get("content") is not None:
        return (yield from sending(work, _sent(args), _content(args["content"])))
    source = str(args.get("src") or "")
    path = work.files.find(source.rstrip("/") or source, "files")
    if Path(path).is_dir():
        return _send_folder(work, args, path, contents_only=source.endswith("/"))
    sent = _sent(args) | {"_original_basename": os.path.basename(path)}
    if args.get("mode") == "preserve":
        sent["mode"] = _mode(path)
    return (yield from sending(work, sent, read(path, work)))


def _check(work: Work) -> None:
    """Raise HostFailed for arguments that say too little or too much, in words that playbooks look for."""
    unknown = [name for name in work.args if name not in SPEC.args]
    src, content = work.args.get("src"), work.args.get("content")
    if unknown:
        wrong = f"Unsupported parameters for (copy) module: {', '.join(unknown)}."
    elif not src and content is None:
        wrong = "src (or content) is required"
    elif not work.args.get("dest"):
        wrong = "dest is required"
    elif src and content is not None:
        wrong = "src and content are mutually exclusive"
    else:
        return
    raise HostFailed(Diagnostic("O8-1204" if unknown else "O8-1202", wrong, work.task.action_span))


def _sent(args: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in args.items() if key not in _OWN}


def _content(value: Any) -> bytes:
    """Return text as it is; other values as JSON, as Ansible writes them."""
    text = value if isinstance(value, str) else json.dumps(value)
    return text.encode("utf-8", "surrogateescape")


def _send_folder(work: Work, args: dict[str, Any], path: str, *, contents_only: bool) -> dict[str, Any]:
    base = path if contents_only else os.path.dirname(path)
    dest = str(args["dest"])
    follow = args.get("local_follow")
    changed, diffs = contents_only and _make_folder(work, args, dest), []
    missing = {""} if changed and work.check else set()
    for entry in entries(path, base, follow=True if follow is None else bool(follow)):
        if os.path.dirname(entry.relative) in missing:
            # In check mode nobody makes the folders: what belongs into one that is missing is missing too.
            missing |= {entry.relative} if entry.kind == "folder" else set()
            continue
        result = _send_entry(work, args, entry, os.path.join(dest, entry.relative))
        if work.check and entry.kind == "folder" and "uid" not in result:
            missing.add(entry.relative)
        if result.get("failed"):
            return result
        changed = changed or bool(result.get("changed"))
        diff = result.get("diff") or []
        diffs += diff if isinstance(diff, list) else [diff]
    return {"changed": changed, "src": os.path.abspath(path), "dest": dest} | (
        {"diff": diffs} if diffs else {}
    )


def _make_folder(work: Work, args: dict[str, Any], dest: str) -> bool:
    """Make the folder to copy into, unless it is there; return whether it was made."""
    if not work.call("file", {"path": dest, "state": "directory"}).get("changed"):
        return False
    wanted = _owned(args, path=dest, state="directory", mode=args.get("directory_mode"))
    if len(wanted) > len(("path", "state")) and not work.check:
        work.call("file", wanted)
    return True


def _send_entry(work: Work, args: dict[str, Any], entry: Entry, target: str) -> dict[str, Any]:
    if entry.kind == "folder":
        return work.call(
            "file", _owned(args, path=target, state="directory", mode=args.get("directory_mode"))
        )
    if entry.kind == "link":
        points_to = os.readlink(entry.path)
        return work.call(
            "file", _owned(args, path=target, state="link", src=points_to, force=True, follow=False)
        )
    sent = _sent(args) | {"dest": target}
    if args.get("mode") == "preserve":
        sent["mode"] = _mode(entry.path)
    return send(work, sent, read(entry.path, work))


def _mode(path: str) -> str:
    return f"{Path(path).stat().st_mode & 0o7777:04o}"


def _owned(args: dict[str, Any], **wanted: Any) -> dict[str, Any]:
    wanted |= {key: args.get(key) for key in ("owner", "group")}
    return {key: value for key, value in wanted.items() if value is not None}
