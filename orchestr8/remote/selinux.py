"""SELinux contexts, through extended attributes; nothing happens where SELinux is off."""

import os
from typing import Dict, Optional

from orchestr8.remote.module import Failure

_NAME = "security.selinux"
_PARTS = ("seuser", "serole", "setype", "selevel")


def context_of(path: str) -> str:
    """Return a path's context, "" without SELinux."""
    if not os.path.isdir("/sys/fs/selinux"):
        return ""
    try:
        return os.getxattr(path, _NAME, follow_symlinks=False).rstrip(b"\0").decode("utf-8")
    except OSError:
        return ""


def settle(path: str, wanted: Dict[str, str], *, check: bool) -> Optional[Dict[str, str]]:
    """Set the wanted parts of a path's context; return before and after if they differ."""
    before = context_of(path)
    if not before:
        return None
    have = dict(zip(_PARTS, before.split(":", 3)))  # noqa: B905 -- Python 3.6 has no strict
    asked = {part: value for part, value in wanted.items() if value != "_default"}
    have.update(asked)
    after = ":".join(have[part] for part in _PARTS if part in have)
    if after == before:
        return None
    if not check:
        write(path, after)
    return {"before": before, "after": after}


def write(path: str, context: str) -> None:
    """Set a path's context."""
    try:
        os.setxattr(path, _NAME, context.encode("utf-8") + b"\0", follow_symlinks=False)
    except OSError as error:
        raise Failure("set selinux context failed: %s" % error.strerror, path=path) from None
