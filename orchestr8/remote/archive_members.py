"""The members of a tar or zip archive; one that would land outside of its folder is refused."""

import fnmatch
import grp
import os
import pwd
import stat
import tarfile
import zipfile
import zlib
from typing import Any, BinaryIO, Callable, Iterator, List, NamedTuple, Optional, Sequence, Set, Tuple

from orchestr8.remote.module import Failure

Member = NamedTuple(
    "Member",
    [
        ("name", str),
        ("kind", str),
        ("size", int),
        ("mode", int),
        ("mtime", int),
        ("link", str),
        ("owner", Optional[Tuple[int, int]]),
        ("source", Any),
    ],
)
_TAR = (
    (tarfile.REGTYPE, "file"),
    (tarfile.DIRTYPE, "folder"),
    (tarfile.SYMTYPE, "link"),
    (tarfile.LNKTYPE, "hard"),
)


# What reading a damaged archive raises.
_GZIP = b"\x1f\x8b"
DAMAGE = (tarfile.TarError, zipfile.BadZipFile, zlib.error, OSError, EOFError)


class Archive:
    """An open archive."""

    def __init__(self, stream: BinaryIO, name: str) -> None:
        self.handler = "TarArchive"
        try:
            if zipfile.is_zipfile(stream):
                stream.seek(0)
                self.handler = "ZipArchive"
                self._zip: Optional[zipfile.ZipFile] = zipfile.ZipFile(stream)
                return
            self._zip = None
            stream.seek(0)
            self.handler = "TgzArchive" if stream.read(2) == _GZIP else "TarArchive"
            stream.seek(0)
            self._tar = tarfile.open(fileobj=stream)  # noqa: SIM115 -- lives as long as the stream
        except DAMAGE as error:
            raise Failure(
                f'Failed to find handler for "{name}": it is no tar or zip archive: {error}'
            ) from None

    def members(self) -> List[Member]:
        """Return all members, the folders they are in before them."""
        try:
            return list(self._from_zip(self._zip) if self._zip is not None else self._from_tar())
        except DAMAGE as error:
            raise Failure(f"the archive is damaged: {error}") from None

    def open(self, member: Member) -> BinaryIO:
        """Open a file's content."""
        if self._zip is not None:
            return self._zip.open(member.source)  # type: ignore[return-value]
        stream = self._tar.extractfile(member.source)
        if stream is None:
            raise Failure(f"{member.name} has no content in the archive")
        return stream  # type: ignore[return-value]

    def _from_tar(self) -> Iterator[Member]:
        kinds = dict(_TAR)
        for info in self._tar.getmembers():
            kind = kinds.get(b"0" if info.isreg() else info.type, "other")
            link = _plain(info.linkname) if kind == "hard" else info.linkname
            owner = (_number(info.uname, info.uid, user_number), _number(info.gname, info.gid, group_number))
            moment = int(info.mtime)
            yield Member(_plain(info.name), kind, info.size, info.mode & 0o7777, moment, link, owner, info)

    def _from_zip(self, archive: zipfile.ZipFile) -> Iterator[Member]:
        import time

        for info in archive.infolist():
            mode = info.external_attr >> 16
            moment = int(time.mktime((*info.date_time, 0, 0, -1)))
            kind = "folder" if info.filename.endswith("/") else "link" if stat.S_ISLNK(mode) else "file"
            link = archive.read(info).decode("utf-8", "surrogateescape") if kind == "link" else ""
            usual = 0o755 if kind == "folder" else 0o644
            name = _plain(info.filename)
            yield Member(name, kind, info.file_size, stat.S_IMODE(mode) or usual, moment, link, None, info)


def _number(name: str, number: int, look_up: Callable[[str], int]) -> int:
    try:
        return look_up(name) if name else number
    except KeyError:
        return number


def user_number(name: str) -> int:
    """Return the number of a user."""
    return pwd.getpwnam(name).pw_uid


def group_number(name: str) -> int:
    """Return the number of a group."""
    return grp.getgrnam(name).gr_gid


def _plain(name: str) -> str:
    """Return a member's name without what means nothing: ./ in front, slashes behind."""
    words = [word for word in name.split("/") if word not in ("", ".")]
    return ("/" if name.startswith("/") else "") + "/".join(words)


def wanted(members: Sequence[Member], include: Sequence[str], exclude: Sequence[str]) -> List[Member]:
    """Return the members that fit."""
    return [one for one in members if one.name and _fits(one.name, include, exclude)]


def check(members: Sequence[Member]) -> None:
    """Raise Failure for a member that could write outside of the folder."""
    links: Set[str] = set()
    for member in members:
        _check(member, links)
        if member.kind == "link":
            links.add(member.name)


def _fits(name: str, include: Sequence[str], exclude: Sequence[str]) -> bool:
    def among(patterns: Sequence[str]) -> bool:
        parts = name.split("/")
        above = ["/".join(parts[: at + 1]) for at in range(len(parts))]
        return any(fnmatch.fnmatch(one, pattern.rstrip("/")) for one in above for pattern in patterns)

    return (not include or among(include)) and not among(exclude)


def _check(member: Member, links: Set[str]) -> None:
    why = None
    parts = member.name.split("/")
    above = {"/".join(parts[: at + 1]) for at in range(len(parts) - 1)}
    if member.name.startswith("/") or ".." in parts:
        why = "its name leads out of the folder"
    elif above & links:
        why = "it would be written through a symbolic link of the archive"
    elif _leads_out(member):
        why = f"it is a link that leads out of the folder, to {member.link}"
    elif member.kind == "other":
        why = "it is neither file, folder nor link"
    if why:
        raise Failure(
            f"the archive is refused, nothing was unpacked: {member.name}: {why}", member=member.name
        )


def _leads_out(member: Member) -> bool:
    if member.kind not in ("link", "hard"):
        return False
    folder = os.path.dirname(member.name) if member.kind == "link" else ""
    whole = os.path.normpath(os.path.join(folder, member.link))
    return member.link.startswith("/") or whole == ".." or whole.startswith("../")
