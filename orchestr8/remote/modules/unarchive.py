"""unarchive: unpacks an archive."""

import errno
import io
import os
import shutil
from typing import Any, BinaryIO, Dict, List

from orchestr8.remote.archive_members import DAMAGE, Archive, Member, check, wanted
from orchestr8.remote.archive_options import applied, options
from orchestr8.remote.files import opened
from orchestr8.remote.module import Arg, Call, Failure, Module
from orchestr8.remote.ownership import FILE_ARGS, ownership, path_info


class Unarchive(Module):
    """Unpacks a tar or zip archive; a member that would land elsewhere stops everything before it begins."""

    name = "unarchive"
    exclusive = (("include", "exclude"),)
    args = dict(
        FILE_ARGS,
        src=Arg(
            "path", "The archive: on the controller, or with remote_src on the host or a URL.", required=True
        ),
        dest=Arg("path", "Folder to unpack into; it has to exist.", required=True),
        remote_src=Arg("bool", "The archive is on the host already.", default=False),
        copy=Arg("bool", "The opposite of remote_src.", default=True),
        creates=Arg("path", "Do nothing when this path exists."),
        list_files=Arg("bool", "Return the names of the members.", default=False),
        exclude=Arg("list", "Patterns of members to leave out.", default=[], elements="str"),
        include=Arg("list", "Patterns of members to unpack; all without it.", default=[], elements="str"),
        extra_opts=Arg(
            "list",
            "Options of tar with a meaning here: --strip-components=N, --exclude=PATTERN, --no-same-owner.",
            default=[],
            elements="str",
        ),
        io_buffer_size=Arg("int", "Accepted; the size of reads is our own matter.", default=65536),
        keep_newer=Arg("bool", "Leave files alone that are newer than in the archive.", default=False),
        validate_certs=Arg("bool", "Whether a URL's certificate has to be good.", default=True),
        decrypt=Arg("bool", "Decrypt vaulted archives on the controller.", default=True),
    )

    def run(self, call: Call) -> Dict[str, Any]:
        """Compare the members with what is in the folder, and write those that differ."""
        dest, asked = os.path.abspath(call["dest"]), options(call["extra_opts"])
        if call["creates"] and os.path.lexists(call["creates"]):
            return {"changed": False, "msg": f"skipped, since {call['creates']} exists"}
        if not os.path.isdir(dest):
            raise Failure(f"Destination '{call['dest']}' is not a directory", dest=call["dest"])
        with _source(call) as stream:
            archive = Archive(stream, call["src"])
            members = applied(
                wanted(archive.members(), call["include"], call["exclude"] + asked.exclude), asked
            )
            check(members)
            for member in members:
                _refuse_escape(dest, member.name)
            differ = [one for one in members if not _is_there(dest, one, call)]
            if not call.check:
                _unpack(archive, dest, differ)
        out: Dict[str, Any] = {"changed": bool(differ), "dest": call["dest"], "src": call["src"]}
        out.update(handler=archive.handler)
        out["changed"] = _own(call, dest, members) or out["changed"]
        if call.diff and differ:
            out["diff"] = {"prepared": "\n".join(one.name for one in differ)}
        if call["list_files"]:
            out["files"] = [one.name + ("/" if one.kind == "folder" else "") for one in members]
        return dict(out, **path_info(dest))


def _source(call: Call) -> BinaryIO:
    src = call["src"]
    if call.blob and not call["remote_src"]:
        return io.BytesIO(call.blob)
    if "://" in src:
        return _fetched(call, src)
    try:
        stream: BinaryIO = opened(src)
    except OSError as error:
        reason = "does not exist" if error.errno == errno.ENOENT else f"not readable: {error.strerror}"
        raise Failure(f"Source '{src}' {reason}") from None
    if not os.fstat(stream.fileno()).st_size:
        stream.close()
        raise Failure(f"Invalid archive '{src}', the file is 0 bytes")
    return stream


def _fetched(call: Call, url: str) -> BinaryIO:
    import ssl
    import tempfile
    import urllib.error
    import urllib.request

    context = ssl.create_default_context()
    if not call["validate_certs"]:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    stream: Any = tempfile.TemporaryFile()  # noqa: SIM115 -- the caller closes it
    try:
        with urllib.request.urlopen(url, timeout=30, context=context) as answer:  # noqa: S310 -- asked for
            shutil.copyfileobj(answer, stream)
    except (urllib.error.URLError, OSError, ValueError) as error:
        stream.close()
        raise Failure(f"Failure downloading {url}: {getattr(error, 'reason', error)}") from None
    stream.seek(0)
    return stream  # type: ignore[no-any-return]


def _is_there(dest: str, member: Member, call: Call) -> bool:
    """Tell whether a member is in the folder as in the archive, by kind, size, time and mode."""
    path = os.path.join(dest, member.name)
    try:
        now = os.lstat(path)
    except OSError:
        return False
    if member.kind == "link":
        return os.path.islink(path) and os.readlink(path) == member.link
    if member.kind == "folder":
        return os.path.isdir(path)
    if member.kind == "hard":
        other = os.path.join(dest, member.link)
        return os.path.exists(other) and os.path.samefile(path, other)
    if call["keep_newer"] and now.st_mtime > member.mtime:
        return True
    same_mode = call["mode"] is not None or (now.st_mode & 0o777) == (member.mode & 0o777)
    return now.st_size == member.size and int(now.st_mtime) == member.mtime and same_mode


def _unpack(archive: Archive, dest: str, members: List[Member]) -> None:
    for member in members:
        path = os.path.join(dest, member.name)
        try:
            _refuse_escape(dest, member.name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            _place(archive, dest, path, member)
        except DAMAGE as error:
            reason = getattr(error, "strerror", None) or error
            raise Failure(f"failed to unpack {member.name} to {dest}: {reason}") from None


def _refuse_escape(dest: str, name: str) -> None:
    """Refuse a member whose folder is, on the host, a symbolic link that leads out of `dest`."""
    parent = os.path.dirname(os.path.join(dest, name))
    inside = os.path.realpath(parent)
    root = os.path.realpath(dest)
    if inside != root and not inside.startswith(root.rstrip("/") + "/"):
        raise Failure(f"{name} would be written outside of {dest}, through a symbolic link that is there")


def _place(archive: Archive, dest: str, path: str, member: Member) -> None:
    if member.kind == "folder":
        if not os.path.isdir(path):
            os.mkdir(path)
            _permit(path, member)
        return
    temporary = os.path.join(os.path.dirname(path), f".o8-{os.urandom(6).hex()}")
    try:
        if member.kind == "link":
            os.symlink(member.link, temporary)
        elif member.kind == "hard":
            os.link(os.path.join(dest, member.link), temporary)
        else:
            _write(archive, temporary, member)
        os.rename(temporary, path)
    finally:
        if os.path.lexists(temporary):
            os.unlink(temporary)


def _write(archive: Archive, temporary: str, member: Member) -> None:
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(handle, "wb") as file, archive.open(member) as content:
        shutil.copyfileobj(content, file)
    _permit(temporary, member)
    os.utime(temporary, (member.mtime, member.mtime))


def _permit(path: str, member: Member) -> None:
    """Give a path the archive's owner and mode, as far as this account may."""
    whole = os.geteuid() == 0
    if whole and member.owner is not None:
        os.chown(path, *member.owner)
    os.chmod(path, member.mode & (0o7777 if whole else 0o777))


def _own(call: Call, dest: str, members: List[Member]) -> bool:
    wanted_owner = ownership(call)
    changed = False
    for member in members:
        path = os.path.join(dest, member.name)
        if os.path.lexists(path) and not os.path.islink(path):
            changed = wanted_owner.settle(call, path, {}) or changed
    return changed


MODULE = Unarchive
