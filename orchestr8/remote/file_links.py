"""Symbolic and hard links, made or replaced atomically."""

import os
from typing import Any, Callable, Dict

from orchestr8.remote.file_state import begin, finish
from orchestr8.remote.file_times import Times
from orchestr8.remote.module import Call, Failure
from orchestr8.remote.ownership import kind


def symbolic(call: Call, path: str, times: Times) -> Dict[str, Any]:
    """Make `path` a symbolic link to `src`."""
    src = call["src"]
    before = kind(path)
    if src is None and call["follow"] and before == "link" and os.path.exists(path):
        src = os.readlink(path)
    _check_source(call, path, src)
    _check_symbolic(call, path, before)
    if before != "link" and src is None:
        raise Failure("src is required for creating new symlinks", path=path)
    diff = begin(path, "link", before)
    changed = before != "link"
    if before == "link" and src is not None and os.readlink(path) != src:
        diff["before"]["src"], diff["after"]["src"] = os.readlink(path), src
        changed = True
    if changed and not call.check:
        _replace(path, before, lambda name: os.symlink(src, name))
    result = {"dest": path, "src": src, "changed": changed, "diff": diff}
    if call.check and changed:
        return result
    if call["follow"] and not os.path.exists(path):
        call.warnings.append(
            "Cannot set fs attributes on a non-existent symlink target."
            " follow should be set to False to avoid this."
        )
        return result
    return finish(call, result, path, times)


def hard(call: Call, path: str, times: Times) -> Dict[str, Any]:
    """Make `path` another name of the file `src`."""
    src = call["src"]
    before = kind(path)
    if before != "hard" and src is None:
        raise Failure("src is required for creating new hardlinks", path=path)
    if src is not None and not os.path.exists(src):
        raise Failure("src does not exist", dest=path, src=src)
    changed = src is not None and not _same_file(src, path)
    if changed and before in ("hard", "file", "directory") and not call["force"]:
        what = "different hard link" if before != "file" else "file"
        raise Failure("Cannot link, %s exists at destination" % what, dest=path, src=src)
    diff = begin(path, "hard", before)
    if changed and not call.check:
        origin = os.path.realpath(src) if call["follow"] else src
        _replace(path, before, lambda name: os.link(origin, name))
    result = {"dest": path, "src": src, "changed": changed, "diff": diff}
    return result if call.check and changed else finish(call, result, path, times)


def _check_source(call: Call, path: str, src: Any) -> None:
    if src is None or call["force"]:
        return
    directory = os.path.isdir(path) and not os.path.islink(path)
    absolute = os.path.join(path if directory else os.path.dirname(path), src)
    if not os.path.exists(absolute):
        text = "src file does not exist, use 'force=yes' if you really want to create the link: %s"
        raise Failure(text % absolute, path=path, src=src)


def _check_symbolic(call: Call, path: str, before: str) -> None:
    if before in ("directory", "file", "hard") and not call["force"]:
        raise Failure("refusing to convert from %s to symlink for %s" % (before, path), path=path)
    if before == "directory" and os.listdir(path):
        raise Failure("the directory %s is not empty, refusing to convert it" % path, path=path)


def _same_file(src: str, path: str) -> bool:
    try:
        return os.path.samestat(os.stat(src), os.lstat(path))
    except OSError:
        return False


def _replace(path: str, before: str, make: Callable[[str], None]) -> None:
    """Make the link under another name and move it over what is there."""
    if before == "absent":
        name = path
    else:
        name = os.path.join(os.path.dirname(path), ".o8-%s" % os.urandom(6).hex())
    try:
        if before == "directory":
            os.rmdir(path)
        make(name)
        if name != path:
            os.rename(name, path)
            _drop(name)
    except OSError as error:
        if name != path:
            _drop(name)
        word = "linking" if name == path else "replacing"
        raise Failure("Error while %s: %s" % (word, error.strerror), path=path, errno=error.errno) from None


def _drop(name: str) -> None:
    """Remove the other name: rename leaves it when both are one file already."""
    try:
        os.unlink(name)
    except FileNotFoundError:
        pass
