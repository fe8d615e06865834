"""The stat module: what is known about a path."""

import os
import stat
from typing import Any, Dict

from orchestr8.remote.digests import file_digest
from orchestr8.remote.module import Arg, Call, Failure, Module

ALGORITHMS = ["md5", "sha1", "sha224", "sha256", "sha384", "sha512"]
_KINDS = {
    "isdir": stat.S_ISDIR,
    "ischr": stat.S_ISCHR,
    "isblk": stat.S_ISBLK,
    "isreg": stat.S_ISREG,
    "isfifo": stat.S_ISFIFO,
    "islnk": stat.S_ISLNK,
    "issock": stat.S_ISSOCK,
}
_BITS = {
    "wusr": stat.S_IWUSR,
    "rusr": stat.S_IRUSR,
    "xusr": stat.S_IXUSR,
    "wgrp": stat.S_IWGRP,
    "rgrp": stat.S_IRGRP,
    "xgrp": stat.S_IXGRP,
    "woth": stat.S_IWOTH,
    "roth": stat.S_IROTH,
    "xoth": stat.S_IXOTH,
    "isuid": stat.S_ISUID,
    "isgid": stat.S_ISGID,
}


class Stat(Module):
    """Return the attributes of a file, as the stat system call and its checksum tell."""

    name = "stat"
    args = {
        "path": Arg("path", "The path to look at.", required=True, aliases=["dest", "name"]),
        "follow": Arg("bool", "Look at what a symbolic link points to.", default=False),
        "get_checksum": Arg("bool", "Return the checksum of a readable file.", default=True),
        "get_mime": Arg(
            "bool",
            "Return the file's type as the `file` command tells.",
            default=True,
            aliases=["mime", "mime_type", "mime-type"],
        ),
        "get_attributes": Arg(
            "bool", "Return the file's flags, as lsattr shows.", default=True, aliases=["attr", "attributes"]
        ),
        "checksum_algorithm": Arg(
            "str",
            "How to compute the checksum.",
            default="sha1",
            choices=ALGORITHMS,
            aliases=["checksum", "checksum_algo"],
        ),
    }

    def run(self, call: Call) -> Dict[str, Any]:
        """Look."""
        path = call["path"]
        try:
            info = os.stat(path) if call["follow"] else os.lstat(path)
        except (FileNotFoundError, NotADirectoryError):
            return {"changed": False, "stat": {"exists": False}}
        except OSError as error:
            raise Failure(str(error.strerror), path=path) from None
        found = _plain(path, info)
        if found["isreg"] and found["readable"] and call["get_checksum"]:
            found["checksum"] = _checksum(path, call["checksum_algorithm"])
        if call["get_mime"]:
            from orchestr8.remote.mime import mime

            found.update(mime(path, info))
        if call["get_attributes"]:
            from orchestr8.remote import inode_flags

            found.update({"version": None, "attributes": [], "attr_flags": ""})
            found.update(inode_flags.describe(path))
        return {"changed": False, "stat": found}


def facts(info: os.stat_result) -> Dict[str, Any]:
    """Return what a stat result alone tells of an entry, with the names of owner and group."""
    mode = info.st_mode
    found: Dict[str, Any] = {"mode": "%04o" % stat.S_IMODE(mode)}
    found.update({name: test(mode) for name, test in _KINDS.items()})
    found.update({name: bool(mode & bit) for name, bit in _BITS.items()})
    found.update(uid=info.st_uid, gid=info.st_gid, size=info.st_size, inode=info.st_ino, dev=info.st_dev)
    found.update(nlink=info.st_nlink, atime=info.st_atime, mtime=info.st_mtime, ctime=info.st_ctime)
    found.update(_names(info))
    return found


def _plain(path: str, info: os.stat_result) -> Dict[str, Any]:
    found = dict(facts(info), exists=True, path=path)
    found.update(blocks=info.st_blocks, block_size=info.st_blksize, device_type=info.st_rdev)
    found.update(
        readable=os.access(path, os.R_OK),
        writeable=os.access(path, os.W_OK),
        executable=os.access(path, os.X_OK),
    )
    if found["islnk"]:
        found.update(lnk_source=os.path.realpath(path), lnk_target=os.readlink(path))
    return found


def _names(info: os.stat_result) -> Dict[str, str]:
    """Return the names of owner and group, where they have one."""
    import grp
    import pwd

    found = {}
    try:
        found["pw_name"] = pwd.getpwuid(info.st_uid).pw_name
    except KeyError:
        pass
    try:
        found["gr_name"] = grp.getgrgid(info.st_gid).gr_name
    except KeyError:
        pass
    return found


def _checksum(path: str, algorithm: str) -> str:
    try:
        return file_digest(path, algorithm)
    except ValueError as error:
        raise Failure("Could not hash file '%s' with algorithm '%s'. %s" % (path, algorithm, error)) from None
    except OSError as error:
        raise Failure("Could not read %s: %s" % (path, error.strerror), path=path) from None


MODULE = Stat
