"""Configs and secrets of services on a host, named by their content; containers mount them read-only."""

import os
import re
from typing import Any, Dict, List

from orchestr8.remote.module import Arg, Call, Failure, Module

_NAME = re.compile(r"[0-9a-f]{40}\Z")
_PROJECT = re.compile(r"[a-z0-9][a-z0-9_.-]{0,62}\Z")
_SERVICE = re.compile(r"[a-z0-9]([a-z0-9_-]{0,38}[a-z0-9])?\Z")


class Files(Module):
    """Keep files `ROOT/PROJECT/SERVICE/files/NAME`, in folders that only their owner may enter."""

    name = "o8_files"
    args = {
        "op": Arg("str", "What to do.", required=True, choices=["put", "keep"]),
        "root": Arg("path", "The folder of all projects.", required=True),
        "project": Arg("str", "The project.", required=True),
        "service": Arg("str", "The service.", required=True),
        "put": Arg("list", "Files to have: name, text, mode, uid, gid.", elements="dict", default=[]),
        "names": Arg("list", "Names to keep; other files go.", elements="str", default=[]),
    }

    def run(self, call: Call) -> Dict[str, Any]:
        """Do it."""
        project, service = _checked(_PROJECT, call["project"]), _checked(_SERVICE, call["service"])
        folder = os.path.join(call["root"], project, service, "files")
        try:
            if call["op"] == "put":
                return {"changed": _put(folder, call["put"]), "folder": folder}
            return {"changed": _keep(folder, set(call["names"]))}
        except PermissionError as error:
            raise Failure("%s: permission denied" % error.filename, denied=True) from None
        except OSError as error:
            raise Failure("%s: %s" % (error.filename or folder, error.strerror)) from None


def _checked(grammar: Any, name: Any) -> str:
    text = str(name)
    if not grammar.match(text):
        raise Failure("%r is no name here" % text)
    return text


def _put(folder: str, files: List[Dict[str, Any]]) -> bool:
    os.makedirs(folder, 0o700, exist_ok=True)
    changed = False
    for file in files:
        path = os.path.join(folder, _checked(_NAME, file.get("name")))
        data = str(file["text"]).encode("utf-8")
        if not _is(path, data, file):
            _write(path, data, file)
            changed = True
    return changed


def _is(path: str, data: bytes, file: Dict[str, Any]) -> bool:
    """Return whether the file is there as it is meant; anything else is put right."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return False
    with os.fdopen(handle, "rb") as stream:
        stat = os.fstat(stream.fileno())
        same = (stat.st_mode & 0o7777, stat.st_uid, stat.st_gid) == (file["mode"], file["uid"], file["gid"])
        return same and stream.read(len(data) + 1) == data


def _write(path: str, data: bytes, file: Dict[str, Any]) -> None:
    """Put a file in place as a whole; nobody else can read it before it has its owner."""
    temporary = "%s.%s" % (path, os.urandom(4).hex())
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            if (os.geteuid(), os.getegid()) != (file["uid"], file["gid"]):
                os.fchown(stream.fileno(), file["uid"], file["gid"])
            os.fchmod(stream.fileno(), file["mode"])
            os.fsync(stream.fileno())
        os.rename(temporary, path)
    except OSError:
        os.unlink(temporary)
        raise


def _keep(folder: str, names: Any) -> bool:
    try:
        found = [name for name in os.listdir(folder) if name not in names]
    except FileNotFoundError:
        return False
    for name in found:
        os.unlink(os.path.join(folder, name))
    return bool(found)


MODULE = Files
