"""What modules of users do to files: owner, group, mode and flags, replacing, backups, checksums."""

import hashlib
import os
import shutil
import stat
import tempfile
from typing import Any, Dict, List, Mapping, Optional, Tuple

from orchestr8.remote import bits, files, inode_flags, selinux
from orchestr8.remote.module import Call, Failure
from orchestr8.remote.ownership import Ownership, path_info

FILE_COMMON_ARGUMENTS: Dict[str, Dict[str, Any]] = {
    "mode": {"type": "raw"},
    "owner": {"type": "str"},
    "group": {"type": "str"},
    "seuser": {"type": "str"},
    "serole": {"type": "str"},
    "selevel": {"type": "str"},
    "setype": {"type": "str"},
    "attributes": {"type": "str", "aliases": ["attr"]},
    "unsafe_writes": {"type": "bool", "default": False},
}
S_IRANY, S_IWANY, S_IXANY = 0o444, 0o222, 0o111
S_IRWU_RG_RO, S_IRWU_RWG_RWO, S_IRWXU_RXG_RXO = 0o644, 0o666, 0o755
_CONTEXT = ("seuser", "serole", "setype", "selevel")
_BLOCK = 1 << 16


class Placing:
    """The part of a module that has to do with files."""

    params: Dict[str, Any]
    check_mode: bool

    def fail_json(self, msg: str, **kwargs: Any) -> Any:
        """End in failure."""
        raise NotImplementedError

    def warn(self, warning: str) -> None:
        """Tell a warning."""
        raise NotImplementedError

    def load_file_common_arguments(
        self, params: Mapping[str, Any], path: Optional[str] = None
    ) -> Dict[str, Any]:
        """Return what the parameters want of a file's owner, mode and so on; nothing without a path."""
        path = path or params.get("path", params.get("dest"))
        if path is None:
            return {}
        path = os.path.expanduser(os.path.expandvars(path))
        if params.get("follow") and os.path.islink(path):
            path = os.path.realpath(path)
        context: List[Any] = [params.get(part) for part in _CONTEXT]
        keys = ("mode", "owner", "group", "seuser", "serole", "setype", "selevel", "attributes")
        found = {key: params.get(key) for key in keys}
        return dict(found, path=path, secontext=context[: 4 if self.selinux_mls_enabled() else 3])

    def set_fs_attributes_if_different(
        self, file_args: Mapping[str, Any], changed: bool, diff: Any = None, expand: bool = True
    ) -> bool:
        """Make a path as `load_file_common_arguments` says; return whether anything changed."""
        names = dict(zip(_CONTEXT, file_args.get("secontext") or ()))  # noqa: B905 -- Python 3.6
        context = {name: value for name, value in names.items() if value}
        wanted = Ownership(
            file_args.get("owner"), file_args.get("group"), file_args.get("mode"),
            file_args.get("attributes"), context,
        )  # fmt: skip
        return self._settled(wanted, file_args["path"], changed, diff)

    set_file_attributes_if_different = set_fs_attributes_if_different
    set_directory_attributes_if_different = set_fs_attributes_if_different

    def set_owner_if_different(
        self, path: str, owner: Any, changed: bool, diff: Any = None, expand: bool = True
    ) -> bool:
        """Set a path's owner."""
        return self._settled(Ownership(owner=owner), path, changed, diff)

    def set_group_if_different(
        self, path: str, group: Any, changed: bool, diff: Any = None, expand: bool = True
    ) -> bool:
        """Set a path's group."""
        return self._settled(Ownership(group=group), path, changed, diff)

    def set_mode_if_different(
        self, path: str, mode: Any, changed: bool, diff: Any = None, expand: bool = True
    ) -> bool:
        """Set a path's mode."""
        return self._settled(Ownership(mode=mode), path, changed, diff)

    def set_attributes_if_different(
        self, path: str, attributes: Any, changed: bool, diff: Any = None, expand: bool = True
    ) -> bool:
        """Set a path's flags."""
        return self._settled(Ownership(flags=attributes), path, changed, diff)

    def set_context_if_different(self, path: str, context: Any, changed: bool, diff: Any = None) -> bool:
        """Set a path's SELinux context."""
        names = dict(zip(_CONTEXT, context or ()))  # noqa: B905
        wanted = {name: value for name, value in names.items() if value}
        return self._settled(Ownership(context=wanted), path, changed, diff)

    def set_default_selinux_context(self, path: str, changed: bool) -> bool:
        """Leave a path's context to the system's policy."""
        return changed

    def _settled(self, wanted: Ownership, path: Any, changed: bool, diff: Any) -> bool:
        call = Call({}, check=self.check_mode)
        place = os.path.expanduser(os.path.expandvars(os.fsdecode(path)))
        try:
            done = wanted.settle(call, place, diff)
        except Failure as failure:
            return bool(self.fail_json(failure.msg, **dict(failure.result, path=place)))
        for warning in call.warnings:
            self.warn(warning)
        return done or changed

    def check_file_absent_if_check_mode(self, file_path: str) -> bool:
        """Return whether a file is not there because nothing is done in check mode."""
        return self.check_mode and not os.path.exists(file_path)

    def add_path_info(self, kwargs: Dict[str, Any]) -> Dict[str, Any]:
        """Add what a path is to a result that names it."""
        path = kwargs.get("path", kwargs.get("dest"))
        if path is None:
            return kwargs
        if not os.path.lexists(path):
            kwargs["state"] = "absent"
            return kwargs
        kwargs.update(path_info(path))
        if self.selinux_enabled():
            kwargs["secontext"] = selinux.context_of(path)
        return kwargs

    def get_file_attributes(self, path: str, include_version: bool = True) -> Dict[str, Any]:
        """Return a path's flags."""
        return inode_flags.describe(path)

    def user_and_group(self, path: str, expand: bool = True) -> Tuple[int, int]:
        """Return the numbers of a path's owner and group."""
        info = os.lstat(os.path.expanduser(os.path.expandvars(path)) if expand else path)
        return info.st_uid, info.st_gid

    def find_mount_point(self, path: str) -> str:
        """Return where the file system of a path is mounted."""
        place = os.path.abspath(os.path.expanduser(os.path.expandvars(path)))
        while not os.path.ismount(place):
            place = os.path.dirname(place)
        return place

    def selinux_enabled(self) -> bool:
        """Return whether SELinux is on."""
        return os.path.isdir("/sys/fs/selinux")

    def selinux_mls_enabled(self) -> bool:
        """Return whether contexts have levels."""
        try:
            with open("/sys/fs/selinux/mls") as file:
                return file.read().strip() == "1"
        except OSError:
            return False

    def selinux_initial_context(self) -> List[Any]:
        """Return an empty context."""
        return [None] * (4 if self.selinux_mls_enabled() else 3)

    def selinux_default_context(self, path: str, mode: int = 0) -> List[Any]:
        """Return the context that policy gives a path: not known here."""
        return self.selinux_initial_context()

    def selinux_context(self, path: str) -> List[Any]:
        """Return a path's context."""
        context = selinux.context_of(path)
        return list(context.split(":", 3)) if context else self.selinux_initial_context()

    def is_special_selinux_path(self, path: str) -> Tuple[bool, Any]:
        """Return that no path is special."""
        return False, None

    def digest_from_file(self, filename: str, algorithm: Any) -> Any:
        """Return a file's checksum, None where there is no file."""
        if not os.path.exists(filename):
            return None
        if os.path.isdir(filename):
            self.fail_json("attempted to take checksum of directory: %s" % filename)
        digest = hashlib.new(algorithm) if isinstance(algorithm, str) else algorithm
        with open(filename, "rb") as file:
            for block in iter(lambda: file.read(_BLOCK), b""):
                digest.update(block)
        return digest.hexdigest()

    def md5(self, filename: str) -> Any:
        """Return a file's MD5."""
        return self.digest_from_file(filename, "md5")

    def sha1(self, filename: str) -> Any:
        """Return a file's SHA-1."""
        return self.digest_from_file(filename, "sha1")

    def sha256(self, filename: str) -> Any:
        """Return a file's SHA-256."""
        return self.digest_from_file(filename, "sha256")

    def backup_local(self, fn: str) -> str:
        """Copy a file beside itself under a dated name; return the copy's path."""
        try:
            return files.backup(fn)
        except Failure as failure:
            return str(self.fail_json(failure.msg))

    def cleanup(self, tmpfile: str) -> None:
        """Remove a file that may not be there."""
        try:
            os.unlink(tmpfile)
        except FileNotFoundError:
            return
        except OSError as error:
            self.warn("could not cleanup %s: %s" % (tmpfile, error))

    def preserved_copy(self, src: str, dest: str) -> None:
        """Copy a file with its owner, mode and times."""
        shutil.copy2(src, dest)
        info = os.stat(src)
        try:
            os.chown(dest, info.st_uid, info.st_gid)
        except OSError:
            return

    def atomic_move(
        self, src: str, dest: str, unsafe_writes: bool = False, keep_dest_attrs: bool = True
    ) -> None:
        """Put a file in another's place at one moment; what was there gives owner, mode and context."""
        src, dest = os.fsdecode(src), os.fsdecode(dest)
        target = os.path.realpath(dest) if os.path.islink(dest) else dest
        try:
            with open(src, "rb") as content:
                fresh = not os.path.lexists(target)
                change = files.Replacement(unsafe=unsafe_writes, keep=keep_dest_attrs)
                change.put(Call({}), target, content)
            if fresh or not keep_dest_attrs:
                os.chmod(target, 0o666 & ~bits.umask())
            os.unlink(src)
        except (OSError, Failure) as error:
            said = error.msg if isinstance(error, Failure) else str(error)
            self.fail_json("Could not replace file: %s to %s: %s" % (src, dest, said))

    def append_to_file(self, filename: str, str: str) -> None:
        """Add text to a file."""
        with open(os.path.expanduser(os.path.expandvars(filename)), "a") as file:
            file.write(str)

    def is_executable(self, path: str) -> int:
        """Return whether anybody may execute a file."""
        return is_executable(path)


def is_executable(path: str) -> int:
    """Return the bits by which a file can be executed."""
    return os.stat(path).st_mode & (stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)


def private_folder(parent: Optional[str]) -> str:
    """Make a folder for nobody but us, below `parent` where that can be."""
    if parent and not os.path.isdir(os.path.expanduser(parent)):
        try:
            os.makedirs(os.path.expanduser(parent), 0o700)
        except OSError:
            parent = None
    return tempfile.mkdtemp(prefix="ansible-moduletmp-", dir=os.path.expanduser(parent) if parent else None)
