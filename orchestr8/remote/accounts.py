"""Users and groups as the host knows them, and the programs that change them."""

import grp
import os
import pwd
from typing import Any, Dict, List, NamedTuple, Optional, Sequence

from orchestr8.remote.module import Call, Failure
from orchestr8.remote.process import run, text

PASSWD, GROUP, SHADOW = "/etc/passwd", "/etc/group", "/etc/shadow"

Account = NamedTuple(
    "Account", [("name", str), ("uid", int), ("gid", int), ("comment", str), ("home", str), ("shell", str)]
)
Shadow = NamedTuple(
    "Shadow",
    [("password", str), ("min", str), ("max", str), ("warn", str), ("inactive", str), ("expires", str)],
)


def account(name: str, *, local: bool) -> Optional[Account]:
    """Return the account of this name; only one in the host's own file when local."""
    if not local:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            return None
        return Account(name, entry.pw_uid, entry.pw_gid, entry.pw_gecos, entry.pw_dir, entry.pw_shell)
    for fields in records(PASSWD):
        if fields[0] == name and len(fields) > 6:
            return Account(name, int(fields[2]), int(fields[3]), fields[4], fields[5], fields[6])
    return None


def group_id(group: str, *, local: bool = False) -> Optional[int]:
    """Return the number of a group given by name or number, None when there is none."""
    if local:
        found = [int(fields[2]) for fields in records(GROUP) if group in (fields[0], fields[2])]
        return found[0] if found else None
    try:
        return grp.getgrnam(group).gr_gid
    except KeyError:
        pass
    try:
        return grp.getgrgid(int(group)).gr_gid
    except (KeyError, ValueError):
        return None


def group_name(group: str) -> str:
    """Return the name of a group given by name or number; Failure when there is none."""
    number = group_id(group)
    if number is None:
        raise Failure(f"Group {group} does not exist")
    try:
        return grp.getgrnam(group).gr_name
    except KeyError:
        return grp.getgrgid(number).gr_name


def memberships(name: str) -> List[str]:
    """Return the groups that list the user as a member."""
    return [fields[0] for fields in records(GROUP) if len(fields) > 3 and name in fields[3].split(",")]


def shadow(name: str) -> Optional[Shadow]:
    """Return the user's password entry, None when there is none or it may not be read."""
    for fields in records(SHADOW):
        if fields[0] == name:
            rest = (fields + [""] * 9)[1:9]
            return Shadow(rest[0], rest[2], rest[3], rest[4], rest[5], rest[6])
    return None


def records(path: str) -> List[List[str]]:
    """Return the lines of such a file, cut into fields; none when it cannot be read."""
    try:
        with open(path, "rb") as file:
            content = file.read().decode("utf-8", "surrogateescape")
    except OSError:
        return []
    return [line.split(":") for line in content.splitlines() if ":" in line and not line.startswith("#")]


def execute(argv: Sequence[str], call: Call, out: Dict[str, Any], stdin: str = "") -> None:
    """Run one of the account programs and keep what it says; Failure in its own words when it fails."""
    done = run(list(argv), stdin=stdin.encode(), parse=True, timeout=call.timeout)
    for key, said in (("stdout", text(done.stdout)), ("stderr", text(done.stderr))):
        out[key] = out.get(key, "") + said
    if done.rc:
        reason = (text(done.stderr) or text(done.stdout)).strip()
        raise Failure(f"{argv[0]} failed: {reason or done.rc}", rc=done.rc, name=call["name"])


def owned(path: str, uid: int, gid: int) -> None:
    """Give a folder and all below it to an account, never following a link."""
    os.lchown(path, uid, gid)
    for folder, names, files in os.walk(path):
        for name in names + files:
            os.lchown(os.path.join(folder, name), uid, gid)
