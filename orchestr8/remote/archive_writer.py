"""Archives of files and trees: tar in its packed forms, zip, and single files packed by themselves."""

import bz2
import gzip
import os
import shutil
import tarfile
import zipfile
from typing import Any, Callable, Dict, List, Tuple

from orchestr8.remote.module import Failure

Member = Tuple[str, str]
"""A path on the host, and its name in the archive."""


def write(form: str, members: List[Member], target: str) -> None:
    """Write an archive of these members."""
    if form == "zip":
        _zip(members, target)
        return
    if form == "zstd":
        raise Failure("the format zstd needs a library that hosts do not have")
    mode: Any = "w" if form == "tar" else f"w:{form}"
    with tarfile.open(target, mode) as archive:
        for path, name in members:
            archive.add(path, name, recursive=False)


def _zip(members: List[Member], target: str) -> None:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as archive:
        for path, name in members:
            if os.path.isfile(path) or (os.path.isdir(path) and not os.path.islink(path)):
                archive.write(path, name)


def pack(form: str, source: str, target: str) -> None:
    """Pack one file by itself."""
    import lzma

    openers: Dict[str, Callable[[str], Any]] = {
        "gz": lambda path: gzip.GzipFile(path, "wb", mtime=0),
        "bz2": lambda path: bz2.BZ2File(path, "wb"),
        "xz": lambda path: lzma.LZMAFile(path, "wb"),  # noqa: SIM115 -- its caller closes it
    }
    if form not in openers:
        write(form, [(source, os.path.basename(source))], target)
        return
    with open(source, "rb") as given, openers[form](target) as taken:
        shutil.copyfileobj(given, taken)


def content(form: str, path: str) -> Any:
    """Return what tells two archives apart: each member's name, kind, size, mode, time and checksum."""
    try:
        if form == "zip":
            with zipfile.ZipFile(path) as archive:
                return sorted((info.filename, info.CRC, info.external_attr) for info in archive.infolist())
        with tarfile.open(path) as tar:
            return sorted(_member(tar, info) for info in tar.getmembers())
    except (OSError, EOFError, tarfile.TarError, zipfile.BadZipFile):
        return None


def unpacked(form: str, path: str) -> Any:
    """Return the checksum of a packed file's content, None when it cannot be unpacked."""
    import lzma
    import zlib

    openers: Dict[str, Callable[[str], Any]] = {"gz": gzip.open, "bz2": bz2.open, "xz": lzma.open}
    if form not in openers:
        return content(form, path)
    value = 0
    try:
        with openers[form](path) as stream:
            for chunk in iter(lambda: stream.read(1 << 20), b""):
                value = zlib.crc32(chunk, value)
    except (OSError, EOFError, lzma.LZMAError):
        return None
    return value


def _member(tar: tarfile.TarFile, info: tarfile.TarInfo) -> Tuple[Any, ...]:
    import zlib

    stream = tar.extractfile(info) if info.isfile() else None
    checksum = zlib.crc32(stream.read()) if stream else 0
    return (info.name, info.type, info.mode, info.size, info.linkname, info.uid, info.gid, checksum)
