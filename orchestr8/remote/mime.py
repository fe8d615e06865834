"""The type of a file's content, as the `file` command tells it."""

import os
import stat
from typing import Dict

_UNKNOWN = {"mimetype": "unknown", "charset": "unknown"}


def mime(path: str, info: os.stat_result) -> Dict[str, str]:
    """Return `mimetype` and `charset`; without the command they are unknown."""
    command = _command()
    if not command:
        return dict(_UNKNOWN)
    known = _by_kind(info)
    if known:
        return {"mimetype": known, "charset": "binary"}
    from orchestr8.remote.process import run, text

    done = run([command, "--brief", "--mime-type", "--mime-encoding", "--", path], parse=True)
    kind, _, charset = text(done.stdout).strip().partition("; charset=")
    if done.rc or not charset:
        return dict(_UNKNOWN)
    return {"mimetype": kind, "charset": charset}


def _by_kind(info: os.stat_result) -> str:
    if stat.S_ISDIR(info.st_mode):
        return "inode/directory"
    if stat.S_ISLNK(info.st_mode):
        return "inode/symlink"
    if stat.S_ISREG(info.st_mode):
        return "" if info.st_size else "inode/x-empty"
    return "inode/fifo" if stat.S_ISFIFO(info.st_mode) else ""


def _command() -> str:
    for folder in os.environ.get("PATH", os.defpath).split(os.pathsep):
        path = os.path.join(folder, "file")
        if os.access(path, os.X_OK):
            return path
    return ""
