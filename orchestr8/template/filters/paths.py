"""Filters for paths on the controller, or only as texts."""

from __future__ import annotations

import glob
import ntpath
import os.path
from typing import Any


def path_join(paths: Any) -> str:
    """Return parts joined to a path."""
    if isinstance(paths, str):
        return os.path.join(paths)
    if isinstance(paths, (list, tuple)):
        return os.path.join(*paths)
    raise TypeError(f"|path_join expects string or sequence, got {type(paths)} instead.")


def fileglob(pattern: str) -> list[str]:
    """Return the files that match a pattern."""
    return [name for name in glob.glob(pattern) if os.path.isfile(name)]


def commonpath(paths: Any) -> str:
    """Return the longest path that all paths share."""
    if isinstance(paths, str) or not hasattr(paths, "__iter__"):
        raise TypeError(f"|commonpath expects sequence, got {type(paths)} instead.")
    return str(os.path.commonpath(list(paths)))


def relpath(path: str, start: str = ".") -> str:
    """Return a path seen from another."""
    return os.path.relpath(path, start)


def plain_text(function: Any) -> Any:
    """Return a filter that applies `function` to the value as a text."""
    return lambda path: function(str(path))


NAMES: dict[str, Any] = {
    "basename": plain_text(os.path.basename),
    "dirname": plain_text(os.path.dirname),
    "expanduser": plain_text(os.path.expanduser),
    "expandvars": plain_text(os.path.expandvars),
    "realpath": plain_text(os.path.realpath),
    "normpath": plain_text(os.path.normpath),
    "splitext": plain_text(os.path.splitext),
    "relpath": relpath,
    "path_join": path_join,
    "commonpath": commonpath,
    "fileglob": fileglob,
    "win_basename": plain_text(ntpath.basename),
    "win_dirname": plain_text(ntpath.dirname),
    "win_splitdrive": plain_text(ntpath.splitdrive),
}
