"""Files of statements that databases write and read, packed or not, as their names say."""

import os
import shutil
import tempfile
from contextlib import contextmanager
from typing import Any, Callable, Dict, Iterator


def _openers() -> Dict[str, Callable[..., Any]]:
    import bz2
    import gzip
    import lzma

    return {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}


@contextmanager
def packed(path: str) -> Iterator[str]:
    """Give the path of a plain file to write; it becomes `path`, packed, when all went well."""
    folder, ending = os.path.dirname(os.path.abspath(path)), os.path.splitext(path)[1]
    handle, plain = tempfile.mkstemp(prefix=".o8-", dir=folder)
    os.close(handle)
    try:
        yield plain
        if ending in (".gz", ".bz2", ".xz"):
            _pack(plain, ending)
        os.chmod(plain, 0o600)
        os.rename(plain, path)
    finally:
        if os.path.exists(plain):
            os.unlink(plain)


def _pack(plain: str, ending: str) -> None:
    small = plain + ending
    try:
        with open(plain, "rb") as source, _openers()[ending](small, "wb") as target:
            shutil.copyfileobj(source, target)
        os.rename(small, plain)
    finally:
        if os.path.exists(small):
            os.unlink(small)


@contextmanager
def unpacked(path: str) -> Iterator[str]:
    """Give the path of a plain file with the content of `path`."""
    ending = os.path.splitext(path)[1]
    if ending not in (".gz", ".bz2", ".xz"):
        yield os.path.abspath(path)
        return
    handle, plain = tempfile.mkstemp(prefix=".o8-", suffix=".sql")
    try:
        with os.fdopen(handle, "wb") as target, _openers()[ending](path, "rb") as source:
            shutil.copyfileobj(source, target)
        yield plain
    finally:
        os.unlink(plain)
