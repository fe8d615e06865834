"""Copying what is on the host already: one file, or a tree."""

import os
import stat
from typing import Any, Dict, Iterator, List, Optional, Tuple

from orchestr8.remote.bits import octal
from orchestr8.remote.destination import Destination, destination, require_parent
from orchestr8.remote.diffs import content_diff, joined
from orchestr8.remote.digests import file_digest
from orchestr8.remote.files import Replacement, opened, read, replacement
from orchestr8.remote.module import Call, Failure
from orchestr8.remote.ownership import Ownership, ownership, path_info


def copy_on_host(call: Call) -> Dict[str, Any]:
    """Copy `src` to `dest`, both on the host."""
    src = call["src"]
    if src is None:
        raise Failure("src (or content) is required")
    try:
        info = os.stat(src)
    except OSError as error:
        missing = isinstance(error, FileNotFoundError)
        raise Failure(("Source %s not found" if missing else "Source %s not readable") % src) from None
    if stat.S_ISDIR(info.st_mode):
        return _tree(call, src)
    if not stat.S_ISREG(info.st_mode):
        raise Failure("Cannot copy invalid source '%s': not a file" % src)
    if not os.access(src, os.R_OK):
        raise Failure("Source %s not readable" % src)
    return _file(call, src, info)


def _file(call: Call, src: str, info: os.stat_result) -> Dict[str, Any]:
    name = call.args.get("_original_basename") or os.path.basename(src)
    target = destination(call, call["dest"], name)
    path = target.path
    checksum = file_digest(src)
    result: Dict[str, Any] = {"changed": False, "dest": path, "src": src, "checksum": checksum}
    if call["checksum"] and call["checksum"] != checksum:
        msg = "Copied file does not match the expected checksum. Transfer failed."
        raise Failure(msg, checksum=checksum, expected_checksum=call["checksum"])
    if os.path.exists(path) and not call["force"]:
        return dict(result, msg="file already exists")
    if not target.missing:
        require_parent(path, result)
    owner = ownership(call)
    owner.mode = octal(info.st_mode) if owner.mode == "preserve" else owner.mode
    return _settled(call, target, owner, result)


def _settled(call: Call, target: Destination, owner: Ownership, result: Dict[str, Any]) -> Dict[str, Any]:
    src, path = result["src"], target.path
    differs = not _same(src, path)
    diff = {}
    if differs and call.diff:
        before = read(path) if os.path.isfile(path) else b""
        diff = content_diff(before, read(src), header=path, after_header=src)
    if differs and not call.check:
        target.prepare(call)
        saved = _put(call, src, path, owner)
        result.update({"backup_file": saved} if saved else {})
    attributes: Dict[str, Any] = {}
    settled = owner.settle(call, path, attributes)
    result["changed"] = differs or settled
    result.update(path_info(path))
    if call.diff and (diff or attributes):
        result["diff"] = joined(diff, attributes, path)
    return result


def _put(call: Call, src: str, path: str, owner: Ownership) -> str:
    """Replace a file by a copy that has the source's times; a file that was there takes the source's mode."""
    how = replacement(call)
    how.keep = False
    how.owner = Ownership(owner.owner, owner.group, owner.mode, owner.flags, owner.context)
    info = os.stat(src)
    if how.owner.mode is None and os.path.exists(path):
        how.owner.mode = octal(info.st_mode)
    with opened(src) as stream:
        saved = how.put(call, path, stream)
    os.utime(path, ns=(info.st_atime_ns, info.st_mtime_ns))
    return saved


def _same(src: str, path: str) -> bool:
    try:
        if os.path.islink(path) or os.path.getsize(src) != os.path.getsize(path):
            return False
        return file_digest(src) == file_digest(path)
    except OSError:
        return False


def _tree(call: Call, src: str) -> Dict[str, Any]:
    """Copy a directory: itself without a trailing slash, its contents with one, as rsync does."""
    dest = call["dest"]
    if os.path.lexists(dest) and not os.path.isdir(dest):
        raise Failure("Cannot copy directory %s over the file %s" % (src, dest), src=src, dest=dest)
    if os.path.isdir(dest) and not call["force"]:
        return {"changed": False, "msg": "file already exists", "src": src, "dest": dest}
    root = dest if src.endswith(os.sep) else os.path.join(dest, os.path.basename(src))
    follow = bool(call["local_follow"])
    changed = False
    for relative, kind in _entries(src.rstrip(os.sep) or os.sep, follow=follow):
        changed = _entry(call, os.path.join(src, relative), os.path.join(root, relative), kind) or changed
    wanted = ownership(call)
    wanted.mode = octal(os.stat(src).st_mode) if wanted.mode == "preserve" else wanted.mode
    changed = wanted.settle(call, dest) or changed
    return dict({"changed": changed, "src": src, "dest": dest, "checksum": None}, **path_info(dest))


def _entries(src: str, *, follow: bool) -> Iterator[Tuple[str, str]]:
    yield "", "directory"
    for folder, folders, files in os.walk(src, followlinks=follow):
        relative = os.path.relpath(folder, src)
        prefix = "" if relative == "." else relative
        links: List[str] = [] if follow else [n for n in folders if os.path.islink(os.path.join(folder, n))]
        for name in sorted(folders):
            yield os.path.join(prefix, name), "link" if name in links else "directory"
        for name in sorted(files):
            link = not follow and os.path.islink(os.path.join(folder, name))
            yield os.path.join(prefix, name), "link" if link else "file"


def _entry(call: Call, src: str, path: str, kind: str) -> bool:
    act = {"directory": _folder, "link": _link, "file": _leaf}[kind]
    changed = act(call, src, path)
    owner = Ownership(call["owner"], call["group"])
    return owner.settle(call, path) or changed


def _folder(call: Call, src: str, path: str) -> bool:
    if os.path.isdir(path):
        return False
    if not call.check:
        try:
            os.makedirs(path)
        except OSError as error:
            raise Failure("Could not create %s: %s" % (path, error.strerror), path=path) from None
        os.chmod(path, stat.S_IMODE(os.stat(src).st_mode))
    return True


def _link(call: Call, src: str, path: str) -> bool:
    target = os.readlink(src)
    if os.path.islink(path) and os.readlink(path) == target:
        return False
    if not call.check:
        try:
            if os.path.lexists(path):
                os.unlink(path)
            os.symlink(target, path)
        except OSError as error:
            raise Failure("Could not link %s: %s" % (path, error.strerror), path=path) from None
    return True


def _leaf(call: Call, src: str, path: str) -> bool:
    if _same(src, path):
        return False
    if not call.check:
        mode: Optional[str] = octal(os.stat(src).st_mode)
        try:
            with opened(src) as stream:
                Replacement(Ownership(mode=mode), keep=False, backup=call["backup"]).put(call, path, stream)
        except OSError as error:
            raise Failure("Could not copy %s: %s" % (src, error.strerror), src=src, dest=path) from None
    return True
