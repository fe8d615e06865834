"""Lookups of community.general for trees of files and files of any bytes."""

from __future__ import annotations

import base64
import grp
import os
import pwd
import stat
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from orchestr8.template.errors import LookupFailed
from orchestr8.template.lookup import LookupCall


def filetree(terms: list[Any], call: LookupCall) -> Iterable[dict[str, Any]]:
    """Yield what is below folders, each entry once: earlier folders hide what later ones have by its name."""
    seen: set[str] = set()
    for term in terms:
        root = call.find(str(term).rstrip("/"), "files")
        for folder, folders, files in os.walk(root) if root is not None else ():
            for name in folders + files:
                path = os.path.relpath(Path(folder, name), root)
                if path not in seen and (found := _described(str(root), path)) is not None:
                    seen.add(path)
                    yield found


def _described(root: str, path: str) -> dict[str, Any] | None:
    """Return an entry's attributes, None for devices and their like. mode: octal digits; times: seconds."""
    whole = Path(root, path)
    seen = whole.lstat()
    found: dict[str, Any] = {"root": root, "path": path}
    if stat.S_ISLNK(seen.st_mode):
        found.update(state="link", src=str(whole.readlink()))
    elif stat.S_ISDIR(seen.st_mode):
        found["state"] = "directory"
    elif stat.S_ISREG(seen.st_mode):
        found.update(state="file", src=str(whole))
    else:
        return None
    return {
        **found,
        "uid": seen.st_uid,
        "gid": seen.st_gid,
        "owner": _name(lambda: pwd.getpwuid(seen.st_uid).pw_name, seen.st_uid),
        "group": _name(lambda: grp.getgrgid(seen.st_gid).gr_name, seen.st_gid),
        "mode": f"0{stat.S_IMODE(seen.st_mode):03o}",
        "size": seen.st_size,
        "mtime": seen.st_mtime,
        "ctime": seen.st_ctime,
    }


def _name(ask: Callable[[], str], number: int) -> str | int:
    try:
        return ask()
    except KeyError:
        return number


def binary_file(terms: list[Any], call: LookupCall) -> Iterable[str]:
    """Yield the contents of files in base64; `not_exist` says what a missing one gives."""
    missing = {"empty": "", "empty_str": "empty"}.get(str(call.option("not_exist", "error")))
    for term in terms:
        path = call.find(str(term), "files")
        if path is None and missing is None:
            raise LookupFailed(f"Could not locate file in community.general.binary_file lookup: {term}")
        yield str(missing) if path is None else base64.b64encode(path.read_bytes()).decode()


NAMES = {"filetree": filetree, "binary_file": binary_file}
