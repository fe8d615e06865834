"""The states of the file module that are no links: present, directory, touched, absent."""

import os
from typing import Any, Dict, List, Set

from orchestr8.remote.file_times import Times
from orchestr8.remote.module import Call, Failure
from orchestr8.remote.ownership import Ownership, kind, ownership


def begin(path: str, state: str, before: str) -> Dict[str, Any]:
    """Return the diff of a path's state before anything is done."""
    diff: Dict[str, Any] = {"before": {"path": path}, "after": {"path": path}}
    if before != state:
        diff["before"]["state"], diff["after"]["state"] = before, state
        if state == "absent" and before == "directory":
            diff["before"]["path_content"] = _listing(path)
    return diff


def finish(call: Call, result: Dict[str, Any], path: str, times: Times) -> Dict[str, Any]:
    """Settle owner, mode and times, on what a link points to when links are followed."""
    real = os.path.realpath(path) if call["follow"] and os.path.islink(path) else path
    changed = ownership(call).settle(call, real, result["diff"])
    changed = times.settle(call, real, result["diff"]) or changed
    result["changed"] = result["changed"] or changed
    return result


def present(call: Call, path: str, times: Times) -> Dict[str, Any]:
    """Expect a file, and settle its owner, mode and times."""
    path = _real(call, path)
    before = kind(path)
    if before not in ("file", "hard"):
        raise Failure("file (%s) is %s, cannot continue" % (path, before), path=path, state=before)
    result = {"path": path, "changed": False, "diff": begin(path, "file", before)}
    return finish(call, result, path, times)


def directory(call: Call, path: str, times: Times) -> Dict[str, Any]:
    """Make a directory with its parents; settle it, and all below it when asked."""
    path = _real(call, path)
    before = kind(path)
    if before not in ("absent", "directory"):
        raise Failure("%s already exists as a %s" % (path, before), path=path)
    diff = begin(path, "directory", before)
    result = {"path": path, "changed": before == "absent", "diff": diff}
    if before == "absent":
        if not call.check:
            _make(call, path, times, diff)
        return result
    result = finish(call, result, path, times)
    if call["recurse"] and _recurse(call, path, ownership(call), times, set()):
        result["changed"] = True
    return result


def touched(call: Call, path: str, times: Times) -> Dict[str, Any]:
    """Make an empty file, or set the times of what is there."""
    before = kind(path)
    result = {"dest": path, "changed": before == "absent", "diff": begin(path, "touch", before)}
    if before == "absent":
        if call.check:
            return result
        _create(path)
    try:
        return finish(call, result, path, times)
    except Failure:
        if before == "absent":
            os.unlink(path)
        raise


def absent(call: Call, path: str) -> Dict[str, Any]:
    """Remove a file, a link, or a directory with all in it."""
    before = kind(path)
    result: Dict[str, Any] = {"path": path, "changed": before != "absent", "state": "absent"}
    if before == "absent":
        return result
    result["diff"] = begin(path, "absent", before)
    if not call.check:
        _remove(path, before)
    return result


def _remove(path: str, before: str) -> None:
    try:
        if before == "directory":
            import shutil

            shutil.rmtree(path)
        else:
            os.unlink(path)
    except FileNotFoundError:
        return
    except OSError as error:
        words = "rmtree failed" if before == "directory" else "Unlinking failed"
        raise Failure("%s: %s: %s" % (words, error.filename or path, error.strerror), path=path) from None


def _real(call: Call, path: str) -> str:
    return os.path.realpath(path) if call["follow"] and os.path.islink(path) else path


def _create(path: str) -> None:
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666))
    except FileExistsError:
        pass
    except OSError as error:
        raise Failure("Error, could not touch target: %s" % error.strerror, path=path) from None


def _make(call: Call, path: str, times: Times, diff: Dict[str, Any]) -> None:
    """Make every missing directory on the way, each with the attributes asked for."""
    missing: List[str] = []
    folder = path.rstrip(os.sep)
    while folder and not os.path.isdir(folder):
        missing.append(folder)
        folder = os.path.dirname(folder)
    for folder in reversed(missing):
        try:
            os.mkdir(folder)
        except FileExistsError:
            if not os.path.isdir(folder):
                raise Failure(_not_made(folder, "File exists"), path=path) from None
        except OSError as error:
            raise Failure(_not_made(folder, str(error.strerror)), path=path) from None
        ownership(call).settle(call, folder, diff if folder == missing[0] else None)
        times.settle(call, folder)


def _not_made(folder: str, why: str) -> str:
    return "There was an issue creating %s as requested: %s" % (folder, why)


def _recurse(call: Call, top: str, owner: Ownership, times: Times, seen: Set[str]) -> bool:
    """Settle everything below a directory; behind links too when they are followed, each place once."""
    changed = False
    seen.add(os.path.realpath(top))
    for folder, folders, files in os.walk(top):
        for name in folders + files:
            path = os.path.join(folder, name)
            changed = owner.settle(call, path) or changed
            if not os.path.islink(path):
                changed = times.settle(call, path) or changed
            elif call["follow"] and os.path.exists(path):
                changed = _behind(call, os.path.realpath(path), owner, times, seen) or changed
    return changed


def _behind(call: Call, path: str, owner: Ownership, times: Times, seen: Set[str]) -> bool:
    if path in seen:
        return False
    seen.add(path)
    changed = owner.settle(call, path)
    changed = times.settle(call, path) or changed
    if os.path.isdir(path):
        changed = _recurse(call, path, owner, times, seen) or changed
    return changed


def _listing(path: str) -> Dict[str, List[str]]:
    found: Dict[str, List[str]] = {"directories": [], "files": []}
    for folder, folders, files in os.walk(path):
        found["directories"] += [os.path.join(folder, name) for name in folders]
        found["files"] += [os.path.join(folder, name) for name in files]
    return found
