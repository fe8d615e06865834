"""The files, folders and links of a folder on the controller, as a copy of it needs them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass

from orchestr8.core.errors import Diagnostic, HostFailed


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing in a tree: kind "folder", "file" or "link", its path below the tree's base, its path here."""

    kind: str
    relative: str
    path: str


def entries(top: str, base: str, *, follow: bool) -> Iterator[Entry]:
    """Yield what is in `top`, in name order, folders before what they hold.

    follow: take what links point to. A link to nothing, and one that leads back to a folder it is in, stays
    a link in any case.
    """
    if top != base:
        yield Entry("folder", os.path.relpath(top, base), top)
    yield from _inside(top, base, (os.path.realpath(top),), follow=follow)


def _inside(folder: str, base: str, above: tuple[str, ...], *, follow: bool) -> Iterator[Entry]:
    try:
        names = sorted(os.listdir(folder))
    except OSError as error:
        raise HostFailed(Diagnostic("O8-2301", f"cannot read {folder}: {error.strerror}")) from None
    folders = []
    for name in names:
        path = os.path.join(folder, name)
        kind = _kind(path, above, follow=follow)
        yield Entry(kind, os.path.relpath(path, base), path)
        folders += [path] if kind == "folder" else []
    for path in folders:
        yield from _inside(path, base, (*above, os.path.realpath(path)), follow=follow)


def _kind(path: str, above: tuple[str, ...], *, follow: bool) -> str:
    circular = os.path.realpath(path) in above
    if os.path.islink(path) and (not follow or circular or not os.path.exists(path)):
        return "link"
    return "folder" if os.path.isdir(path) else "file"
