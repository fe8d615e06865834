"""Archives of what a git repository has at a version, and repositories apart from their work trees."""

import filecmp
import os
import shutil
import tempfile
from typing import Any, Dict

from orchestr8.remote.git_work_tree import WorkTree
from orchestr8.remote.module import Call, Failure

_FORMATS = {".zip": "zip", ".gz": "tar.gz", ".tar": "tar", ".tgz": "tgz"}


def archive(call: Call, tree: WorkTree) -> bool:
    """Have the archive hold the version; return whether it did not already."""
    path = call["archive"]
    kind = _FORMATS.get(os.path.splitext(path)[1])
    if kind is None:
        known = ", ".join(sorted(_FORMATS.values()))
        raise Failure("Unable to get file extension from archive file name : %s" % path, details=known)
    if call.check:
        return True
    folder = tempfile.mkdtemp(prefix=".o8-")
    try:
        new = os.path.join(folder, "archive." + kind)
        prefix = ["--prefix", call["archive_prefix"]] if call["archive_prefix"] is not None else []
        words = ["archive", "--format", kind, "--output", new, *prefix, call["version"]]
        tree.must("perform archive operation", *words)
        if os.path.exists(path) and filecmp.cmp(new, path, shallow=False):
            return False
        shutil.move(new, path)
    except OSError as error:
        raise Failure("Failed to write %s: %s" % (path, error)) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return True


def move_apart(call: Call, tree: WorkTree, out: Dict[str, Any]) -> None:
    """Have the repository of a work tree where `separate_git_dir` says."""
    wanted = os.path.realpath(call["separate_git_dir"])
    now = tree.folder()
    if wanted == now:
        return
    out["changed"] = True
    if call.check:
        return
    if os.path.exists(wanted):
        raise Failure("Separate-git-dir path %s already exists." % wanted)
    shutil.move(now, wanted)
    with open(os.path.join(tree.dest, ".git"), "w", encoding="utf-8") as file:
        file.write("gitdir: %s" % wanted)
    out.update(git_dir_before=now, git_dir_now=wanted)
