"""Owner, group, mode and flags of a path: the arguments, the comparison, and the repair."""

import errno
import os
import stat
from typing import Any, Dict, Optional

from orchestr8.remote.bits import bits, octal
from orchestr8.remote.module import Arg, Call, Failure

FILE_ARGS: Dict[str, Arg] = {
    "mode": Arg("bits", "Permissions: octal text such as '0644', or symbolic such as 'u=rw,go=r'."),
    "owner": Arg("str", "User that owns the path: a name or a number."),
    "group": Arg("str", "Group that owns the path: a name or a number."),
    "seuser": Arg("str", "User part of the SELinux context; without SELinux it has no effect."),
    "serole": Arg("str", "Role part of the SELinux context; without SELinux it has no effect."),
    "setype": Arg("str", "Type part of the SELinux context; without SELinux it has no effect."),
    "selevel": Arg("str", "Level part of the SELinux context; without SELinux it has no effect."),
    "attributes": Arg("str", "File attributes as chattr takes them, such as '+i'.", aliases=["attr"]),
    "unsafe_writes": Arg(
        "bool",
        "Write in place where the file cannot be replaced atomically; ANSIBLE_UNSAFE_WRITES is its default.",
    ),
}


class Ownership:
    """What is wanted of a path's owner, group, mode and flags; None leaves a property alone."""

    def __init__(
        self,
        owner: Optional[str] = None,
        group: Optional[str] = None,
        mode: Any = None,
        flags: Optional[str] = None,
        context: Optional[Dict[str, str]] = None,
    ) -> None:
        self.owner = owner
        self.group = group
        self.mode = mode
        self.flags = flags
        self.context = context or {}

    def settle(self, call: Call, path: str, diff: Optional[Dict[str, Any]] = None) -> bool:
        """Make a path so; return whether it was not.

        In check mode a path that is absent differs if anything is wanted of it.
        """
        if not os.path.lexists(path):
            return call.check and any(
                wanted is not None for wanted in (self.owner, self.group, self.mode, self.flags)
            )
        changed = self._settle_owner(call, path, diff)
        changed = self._settle_group(call, path, diff) or changed
        changed = self._settle_mode(call, path, diff) or changed
        changed = self._settle_context(call, path, diff) or changed
        return self._settle_flags(call, path, diff) or changed

    def _settle_owner(self, call: Call, path: str, diff: Optional[Dict[str, Any]]) -> bool:
        if self.owner is None:
            return False
        uid = user_id(self.owner)
        if uid is None:
            return _unknown(call, path, "chown failed: failed to look up user %s" % self.owner)
        now = os.lstat(path).st_uid
        if uid == now:
            return False
        note(diff, "owner", now, uid)
        if not call.check:
            _act(path, "chown failed", lambda: os.lchown(path, uid, -1))
        return True

    def _settle_group(self, call: Call, path: str, diff: Optional[Dict[str, Any]]) -> bool:
        if self.group is None:
            return False
        gid = group_id(self.group)
        if gid is None:
            return _unknown(call, path, "chgrp failed: failed to look up group %s" % self.group)
        now = os.lstat(path).st_gid
        if gid == now:
            return False
        note(diff, "group", now, gid)
        if not call.check:
            _act(path, "chgrp failed", lambda: os.lchown(path, -1, gid))
        return True

    def _settle_mode(self, call: Call, path: str, diff: Optional[Dict[str, Any]]) -> bool:
        if self.mode is None:
            return False
        now = os.lstat(path).st_mode
        wanted = bits(self.mode, now, path=path)
        if stat.S_ISLNK(now) or wanted == stat.S_IMODE(now):
            return False
        note(diff, "mode", octal(now), octal(wanted))
        if not call.check:
            _act(path, "chmod failed", lambda: os.chmod(path, wanted))
        return True

    def _settle_flags(self, call: Call, path: str, diff: Optional[Dict[str, Any]]) -> bool:
        if not self.flags:
            return False
        from orchestr8.remote import inode_flags

        difference = inode_flags.settle(path, self.flags, check=call.check)
        if difference is None:
            return False
        note(diff, "attributes", difference["before"], difference["after"])
        return True

    def _settle_context(self, call: Call, path: str, diff: Optional[Dict[str, Any]]) -> bool:
        if not self.context:
            return False
        from orchestr8.remote import selinux

        difference = selinux.settle(path, self.context, check=call.check)
        if difference is None:
            return False
        note(diff, "secontext", difference["before"], difference["after"])
        return True


def ownership(call: Call) -> Ownership:
    """Return what the arguments of FILE_ARGS in a call want."""
    args = call.args
    context = {key: args[key] for key in ("seuser", "serole", "setype", "selevel") if args.get(key)}
    return Ownership(args.get("owner"), args.get("group"), args.get("mode"), args.get("attributes"), context)


def note(diff: Optional[Dict[str, Any]], key: str, before: Any, after: Any) -> None:
    """Record a difference for the user, if anybody wants it."""
    if diff is not None:
        diff.setdefault("before", {})[key] = before
        diff.setdefault("after", {})[key] = after


def user_exists(owner: str) -> bool:
    """Tell whether there is a user of a name or number."""
    uid = user_id(owner)
    return uid is not None and user_name(uid) != str(uid)


def group_exists(group: str) -> bool:
    """Tell whether there is a group of a name or number."""
    gid = group_id(group)
    return gid is not None and group_name(gid) != str(gid)


def user_id(owner: str) -> Optional[int]:
    """Return the uid of a user's name or number, None when there is no such user."""
    import pwd

    try:
        return int(owner)
    except ValueError:
        try:
            return pwd.getpwnam(owner).pw_uid
        except KeyError:
            return None


def group_id(group: str) -> Optional[int]:
    """Return the gid of a group's name or number, None when there is no such group."""
    import grp

    try:
        return int(group)
    except ValueError:
        try:
            return grp.getgrnam(group).gr_gid
        except KeyError:
            return None


def path_info(path: str) -> Dict[str, Any]:
    """Return uid, gid, owner, group, mode, size and state of a path, as file modules report them."""
    try:
        info = os.lstat(path)
    except OSError:
        return {}
    return {
        "uid": info.st_uid,
        "gid": info.st_gid,
        "owner": user_name(info.st_uid),
        "group": group_name(info.st_gid),
        "mode": octal(info.st_mode),
        "state": kind(path),
        "size": info.st_size,
    }


def user_name(uid: int) -> str:
    """Return a user's name, or the number where there is none."""
    import pwd

    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def group_name(gid: int) -> str:
    """Return a group's name, or the number where there is none."""
    import grp

    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)


def kind(path: str) -> str:
    """Return what a path is: absent, link, directory, hard (a file of several names) or file."""
    try:
        info = os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return "absent"
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            return "absent"
        raise Failure("cannot look at %s: %s" % (path, error.strerror), path=path) from None
    if stat.S_ISLNK(info.st_mode):
        return "link"
    if stat.S_ISDIR(info.st_mode):
        return "directory"
    return "hard" if info.st_nlink > 1 else "file"


def _unknown(call: Call, path: str, msg: str) -> bool:
    """Fail, or in check mode expect that an earlier task of a real run makes the account."""
    if not call.check:
        raise Failure(msg, path=path)
    text = "%s. Create it before this point in a real run" % msg.split(": ", 1)[1]
    if text not in call.warnings:
        call.warnings.append(text)
    return True


def _act(path: str, failed: str, change: Any) -> None:
    try:
        change()
    except OSError as error:
        raise Failure("%s: %s" % (failed, error.strerror), path=path, details=str(error)) from None
