"""copy: put a file, a tree of files or a text on a host."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from orchestr8.actions.transfer import read, send
from orchestr8.core.errors import Diagnostic, HostFailed
from orchestr8.engine.work import Work
from orchestr8.language.catalog import remote_spec

SPEC = replace(remote_spec("copy"), controller=True)
_OWN = ("src", "content", "local_follow", "decrypt", "directory_mode")


def run(work: Work) -> dict[str, Any]:
    """Send what the host lacks; a folder is sent file by file."""
    args = dict(work.args)
    if args.get("remote_src"):
        return work.call("copy", args)
    if args.get("content") is not None:
        return send(work, _sent(args), _content(args["content"]))
    source = str(args.get("src") or "")
    if not source:
        raise HostFailed(Diagnostic("O8-1202", "src (or content) is required", work.task.action_span))
    path = work.files.find(source.rstrip("/") or source, "files")
    if Path(path).is_dir():
        return _send_folder(work, args, path, contents_only=source.endswith("/"))
    sent = _sent(args) | {"_original_basename": os.path.basename(path)}
    if args.get("mode") == "preserve":
        sent["mode"] = f"{Path(path).stat().st_mode & 0o7777:04o}"
    return send(work, sent, read(path, work))


def _sent(args: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in args.items() if key not in _OWN}


def _content(value: Any) -> bytes:
    """Return text as it is; other values as JSON, as Ansible writes them."""
    text = value if isinstance(value, str) else json.dumps(value)
    return text.encode("utf-8", "surrogateescape")


def _send_folder(work: Work, args: dict[str, Any], path: str, *, contents_only: bool) -> dict[str, Any]:
    base = path if contents_only else os.path.dirname(path)
    dest = str(args["dest"])
    changed, diffs = False, []
    for kind, relative in _tree(path, base):
        target = os.path.join(dest, relative)
        if kind == "folder":
            result = work.call("file", _folder_args(args, target))
        else:
            result = send(work, _sent(args) | {"dest": target}, read(os.path.join(base, relative), work))
        if result.get("failed"):
            return result
        changed = changed or bool(result.get("changed"))
        diffs += [result["diff"]] if result.get("diff") else []
    return {"changed": changed, "src": path, "dest": dest} | ({"diff": diffs} if diffs else {})


def _folder_args(args: dict[str, Any], target: str) -> dict[str, Any]:
    wanted = {"path": target, "state": "directory", "mode": args.get("directory_mode")}
    wanted |= {key: args.get(key) for key in ("owner", "group")}
    return {key: value for key, value in wanted.items() if value is not None}


def _tree(path: str, base: str) -> Iterator[tuple[str, str]]:
    """Yield ("folder" | "file", path relative to `base`), folders before what they hold, in name order."""
    if path != base:
        yield "folder", os.path.relpath(path, base)
    for folder, names, files in os.walk(path, followlinks=True, onerror=_unreadable):
        names.sort()
        for name in names:
            yield "folder", os.path.relpath(os.path.join(folder, name), base)
        for name in sorted(files):
            yield "file", os.path.relpath(os.path.join(folder, name), base)


def _unreadable(error: OSError) -> None:
    raise HostFailed(Diagnostic("O8-2301", f"cannot read {error.filename}: {error.strerror}"))
