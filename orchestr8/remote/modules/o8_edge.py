"""The file and the certificates of a load balancer on a host, shared by the projects that use it."""

import os
import re
from typing import Any, Dict, List, Optional

from orchestr8.remote.kept_file import replace
from orchestr8.remote.module import Arg, Call, Failure, Module

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,200}\.pem\Z")
_STAGED = re.compile(r".+\.o8-[0-9a-f]{12}\Z")
_LARGEST = 16 << 20


class Edge(Module):
    """Replace the file as a whole, and only while it is the one that the caller has seen.

    `look` returns the file and the digests of the certificates beside it; `keep` writes certificates.
    `stage` writes a new file under a name of its own, to be checked, and `drop` forgets it; `place` puts a
    file in place. `process` tells how a balancer that others started was started.
    """

    name = "o8_edge"
    args = {
        "op": Arg(
            "str",
            "What to do.",
            required=True,
            choices=["look", "keep", "stage", "place", "drop", "process"],
        ),
        "path": Arg("path", "The balancer's file."),
        "expect": Arg("str", "The digest of the file that was seen; empty when there was none.", default=""),
        "put": Arg("list", "Certificates to have: name, text.", elements="dict", default=[], secret=True),
        "certs": Arg("path", "The folder of the certificates."),
        "pid": Arg("int", "For process: whose command line and parent to tell."),
    }

    def run(self, call: Call) -> Dict[str, Any]:
        """Do it."""
        path = call["path"] or "/"
        try:
            if call["op"] == "process":
                return _process(call["pid"])
            return {
                "look": _look,
                "keep": _keep,
                "stage": _stage,
                "place": _place,
                "drop": _drop,
            }[call["op"]](path, call)
        except OSError as error:
            raise Failure("%s: %s" % (error.filename or path, error.strerror)) from None


def _look(path: str, call: Call) -> Dict[str, Any]:
    import base64

    data = _data(path)
    folder = call["certs"]
    found = {name: _digest(_data(os.path.join(folder, name))) for name in _names(folder)} if folder else {}
    text = base64.b64encode(data or b"").decode("ascii")
    return {"changed": False, "text": text, "digest": _digest(data), "certificates": found}


def _keep(path: str, call: Call) -> Dict[str, Any]:
    del path
    for certificate in call["put"]:
        name = str(certificate.get("name"))
        if not _NAME.match(name):
            raise Failure("%r is no name of a certificate" % name)
        replace(os.path.join(call["certs"], name), str(certificate["text"]).encode("utf-8"))
    return {"changed": bool(call["put"])}


def _stage(path: str, call: Call) -> Dict[str, Any]:
    staged = "%s.o8-%s" % (path, _digest(call.blob)[:12])
    replace(staged, call.blob)
    return {"changed": True, "staged": staged}


def _place(path: str, call: Call) -> Dict[str, Any]:
    """Put the text in place, with the rights of the file it replaces."""
    import fcntl

    folder = os.path.dirname(path)
    os.makedirs(folder, 0o700, exist_ok=True)
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        if _digest(_data(path)) != call["expect"]:
            return {"changed": False, "conflict": True}
        staged = str(_stage(path, call)["staged"])
        try:
            before = os.stat(path)
            os.chown(staged, before.st_uid, before.st_gid)
            os.chmod(staged, before.st_mode & 0o7777)
        except FileNotFoundError:
            pass
        os.rename(staged, path)
        os.fsync(handle)
    finally:
        os.close(handle)
    return {"changed": True, "conflict": False}


def _drop(path: str, call: Call) -> Dict[str, Any]:
    del call
    if not _STAGED.match(path):
        raise Failure("%r is no file that was staged" % path)
    try:
        os.unlink(path)
    except FileNotFoundError:
        return {"changed": False}
    return {"changed": True}


def _process(pid: int) -> Dict[str, Any]:
    """Tell the command line of a process and of its parent."""
    parent = _parent(pid)
    return {"changed": False, "argv": _argv(pid), "parent": parent, "parent_argv": _argv(parent)}


def _argv(pid: int) -> List[str]:
    data = _data("/proc/%d/cmdline" % pid) or b""
    return [word.decode("utf-8", "replace") for word in data.split(b"\0")[:-1]]


def _parent(pid: int) -> int:
    for line in (_data("/proc/%d/status" % pid) or b"").splitlines():
        if line.startswith(b"PPid:"):
            return int(line.split()[1])
    return 0


def _names(folder: str) -> List[str]:
    try:
        return sorted(name for name in os.listdir(folder) if _NAME.match(name))
    except FileNotFoundError:
        return []


def _data(path: str) -> Optional[bytes]:
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except FileNotFoundError:
        return None
    with os.fdopen(handle, "rb") as stream:
        return stream.read(_LARGEST)


def _digest(data: Optional[bytes]) -> str:
    import hashlib

    return "" if data is None else hashlib.sha256(data).hexdigest()


MODULE = Edge
