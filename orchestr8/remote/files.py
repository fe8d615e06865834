"""Reading files without ever blocking, and replacing them atomically."""

import errno
import os
import stat
from typing import Any, BinaryIO, Dict, Optional, Union

from orchestr8.remote.bits import umask
from orchestr8.remote.module import Call, Failure
from orchestr8.remote.ownership import Ownership, ownership

_NOT_ATOMIC = (errno.EACCES, errno.EPERM, errno.EBUSY, errno.EXDEV, errno.EROFS, errno.ETXTBSY)
CHUNK = 1 << 20
Content = Union[bytes, BinaryIO]


def opened(path: str) -> Any:
    """Open a regular file to read bytes; raise OSError, also for a FIFO, socket or device."""
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    mode = os.fstat(handle).st_mode
    if not stat.S_ISREG(mode):
        os.close(handle)
        number = errno.EISDIR if stat.S_ISDIR(mode) else errno.EINVAL
        raise OSError(number, "Is a directory" if stat.S_ISDIR(mode) else "Not a regular file", path)
    return os.fdopen(handle, "rb")


def read(path: str) -> bytes:
    """Return a regular file's bytes; raise Failure."""
    try:
        with opened(path) as stream:
            return bytes(stream.read())
    except OSError as error:
        raise Failure("Could not read %s: %s" % (path, error.strerror), path=path) from None


class Replacement:
    """How to put content in a file's place: checked first, with a backup, in place where it must be.

    settled, differences: whether owner, group or mode had to be set on the new file, and what.
    """

    def __init__(
        self,
        owner: Optional[Ownership] = None,
        *,
        unsafe: bool = False,
        validate: Optional[str] = None,
        backup: bool = False,
        keep: bool = True,
        environ: Optional[Dict[str, str]] = None,
    ) -> None:
        self.owner = owner or Ownership()
        self.unsafe = unsafe
        self.validate = validate
        self.backup = backup
        self.keep = keep
        self.environ = environ
        self.settled = False
        self.differences: Dict[str, Any] = {}

    def put(self, call: Call, path: str, data: Content) -> str:
        """Make bytes, or what a stream gives, the content of `path`; return the backup's path or "".

        The old file stays whole when anything fails.
        """
        _refuse_device(path)
        try:
            temporary = _temporary(path, data, suffix=bool(self.validate))
        except OSError as error:
            if not (self.unsafe and error.errno in _NOT_ATOMIC and not self.validate):
                raise _not_written(path, error) from None
            saved = backup(path) if self.backup else ""
            _overwrite(path, data, error)
            return saved
        try:
            return self._settle(call, temporary, path, data)
        finally:
            _remove(temporary)

    def _settle(self, call: Call, temporary: str, path: str, data: Content) -> str:
        inherit(path, temporary, keep=self.keep)
        early = Ownership(self.owner.owner, self.owner.group, self.owner.mode)
        self.settled = early.settle(call, temporary, self.differences)
        if self.validate:
            validate(self.validate, temporary, self.environ)
        saved = backup(path) if self.backup else ""
        try:
            os.rename(temporary, path)
        except OSError as error:
            if not (self.unsafe and error.errno in _NOT_ATOMIC):
                raise _not_written(path, error) from None
            _overwrite(path, data, error)
        return saved


def replacement(call: Call) -> Replacement:
    """Return how the arguments of a call want a file replaced."""
    args = call.args
    return Replacement(
        ownership(call),
        unsafe=_unsafe(call),
        validate=args.get("validate"),
        backup=bool(args.get("backup")),
        environ=call.environ,
    )


def _unsafe(call: Call) -> bool:
    given = call.args.get("unsafe_writes")
    if given is None:
        return os.environ.get("ANSIBLE_UNSAFE_WRITES", "").lower() in ("1", "true", "yes", "on", "y", "t")
    return bool(given)


def inherit(path: str, temporary: str, *, keep: bool = True) -> None:
    """Give a new file the owner, mode, context and attributes of what it replaces, else of any new file."""
    now = _replaced(path)
    if now is None:
        os.chmod(temporary, 0o666 & ~umask())
        return
    if not keep:
        return
    try:
        os.chown(temporary, now.st_uid, now.st_gid)
    except OSError:
        pass
    os.chmod(temporary, stat.S_IMODE(now.st_mode))
    _keep_attributes(path, temporary)
    _keep_context(path, temporary)


def _keep_attributes(path: str, temporary: str) -> None:
    """Copy extended attributes, of which access control lists are some, where the file system has them."""
    try:
        names = os.listxattr(path)
    except (AttributeError, OSError):
        return
    for name in names:
        if not name.startswith("security."):
            try:
                os.setxattr(temporary, name, os.getxattr(path, name))
            except OSError:
                continue


def _replaced(path: str) -> Optional[os.stat_result]:
    """Return what stands in the way; a symbolic link is no file whose owner and mode are worth keeping."""
    try:
        now = os.lstat(path)
    except OSError:
        return None
    return None if stat.S_ISLNK(now.st_mode) else now


def backup(path: str) -> str:
    """Copy a file beside itself under a dated name, with owner, mode and times; return the copy's path."""
    import shutil
    import time

    if not os.path.exists(path):
        return ""
    stamp = time.strftime("%Y-%m-%d@%H:%M:%S~")
    number = os.getpid()
    while os.path.lexists("%s.%d.%s" % (path, number, stamp)):
        number += 1
    copy = "%s.%d.%s" % (path, number, stamp)
    try:
        shutil.copy2(path, copy)
        _chown_like(path, copy)
    except OSError as error:
        raise Failure("Could not make backup of %s to %s: %s" % (path, copy, error.strerror)) from None
    return copy


def validate(command: str, temporary: str, environ: Optional[Dict[str, str]] = None) -> None:
    """Run the user's check on a file that is to be put in place; raise Failure when it is refused."""
    import shlex

    from orchestr8.remote.process import run, text

    if "%s" not in command:
        raise Failure("validate must contain %%s: %s" % command)
    words = [word.replace("%s", temporary) for word in shlex.split(command)]
    done = run(words, environ=environ)
    if done.rc:
        out, err = text(done.stdout), text(done.stderr)
        raise Failure(
            "failed to validate: rc:%d error:%s" % (done.rc, err or out),
            exit_status=done.rc,
            stdout=out,
            stderr=err,
        )


def _temporary(path: str, data: Content, *, suffix: bool) -> str:
    """Write a private file beside `path`; a checker may tell the kind of file by its suffix."""
    folder = os.path.dirname(path) or "."
    ending = os.path.splitext(path)[1] if suffix else ""
    while True:
        name = os.path.join(folder, ".o8-%s%s" % (os.urandom(6).hex(), ending))
        try:
            handle = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
            break
        except FileExistsError:
            continue
    try:
        with os.fdopen(handle, "wb", 0) as stream:
            _write_all(stream, data)
    except OSError:
        _remove(name)
        raise
    return name


def _write_all(stream: Any, data: Content) -> None:
    if isinstance(data, bytes):
        _write(stream, data)
        return
    data.seek(0)
    while True:
        chunk = data.read(CHUNK)
        if not chunk:
            return
        _write(stream, chunk)


def _write(stream: Any, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[stream.write(view) :]


def _overwrite(path: str, data: Content, cause: OSError) -> None:
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NONBLOCK | os.O_CLOEXEC, 0o666)
        with os.fdopen(handle, "wb", 0) as stream:
            _write_all(stream, data)
    except OSError as error:
        raise _not_written(path, error) from cause


def _not_written(path: str, error: OSError) -> Failure:
    folder = os.path.dirname(path) or "."
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS) and error.filename != path:
        msg = "Destination %s not writable: %s" % (folder, error.strerror)
    elif error.errno in (errno.ENOENT, errno.ENOTDIR):
        msg = "Destination directory %s does not exist" % folder
    else:
        msg = "Could not write %s: %s" % (path, error.strerror)
    return Failure(msg, path=path, errno=error.errno)


def _refuse_device(path: str) -> None:
    try:
        mode = os.lstat(path).st_mode
    except OSError:
        return
    if stat.S_ISCHR(mode) or stat.S_ISBLK(mode):
        raise Failure("%s is a device; it is not replaced by a file" % path, path=path)
    if stat.S_ISDIR(mode):
        raise Failure("%s is a directory" % path, path=path)


def _chown_like(path: str, copy: str) -> None:
    now = os.stat(path)
    try:
        os.chown(copy, now.st_uid, now.st_gid)
    except PermissionError:
        pass


def _keep_context(path: str, temporary: str) -> None:
    from orchestr8.remote import selinux

    context = selinux.context_of(path)
    if context and context != selinux.context_of(temporary):
        selinux.write(temporary, context)


def _remove(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        pass
