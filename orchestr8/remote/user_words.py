"""What to tell useradd, usermod and chage so that an account is as a task wants it."""

import os
import time
from typing import Any, List, Optional, Set

from orchestr8.remote import accounts
from orchestr8.remote.module import Call, Failure

DAY = 86400
AGES = (
    ("password_expire_min", "-m", "min"),
    ("password_expire_max", "-M", "max"),
    ("password_expire_warn", "-W", "warn"),
    ("password_expire_account_disable", "-I", "inactive"),
)


LENGTHS = {"1": 22, "5": 43, "6": 86, "y": 43}
"""Characters of a whole digest by the kind of hash."""


def looks_hashed(password: str) -> bool:
    """Tell whether a password may be a hash as /etc/shadow holds it, or a mark that no password fits."""
    if not password.strip("!*"):
        return True
    fields = password.lstrip("!").split("$")
    if len(fields) < 3 or any(sign in "$".join(fields) for sign in ":*!"):
        return False
    digest = fields[-1]
    plain = all(sign.isalnum() or sign in "./" for sign in digest)
    return plain and len(digest) == LENGTHS.get(fields[1], len(digest))


def creation(call: Call) -> List[str]:
    """Return the words of useradd."""
    words = _identity(call)
    if call["group"] is not None:
        words += ["-g", accounts.group_name(call["group"])]
    elif accounts.group_id(call["name"]) is not None:
        # A group of the user's name is there already: useradd must not try to make it.
        words += ["-N", "-g", call["name"]]
    groups = wanted_groups(call)
    if groups:
        words += ["-G", ",".join(sorted(groups))]
    for flag, key in (("-c", "comment"), ("-d", "home"), ("-s", "shell")):
        if call[key] is not None:
            words += [flag, call[key]]
    if call["expires"] is not None:
        words += ["-e", expiry_date(call["expires"])]
    return words + _home(call) + (["-r"] if call["system"] else [])


def _identity(call: Call) -> List[str]:
    words: List[str] = []
    if call["uid"] is not None:
        words += ["-u", str(call["uid"])] + (["-o"] if call["non_unique"] else [])
    for key, setting in (("uid_min", "UID_MIN"), ("uid_max", "UID_MAX")):
        if call[key] is not None:
            words += ["-K", f"{setting}={call[key]}"]
    return words


def _home(call: Call) -> List[str]:
    if not call["create_home"]:
        return ["-M"]
    words = ["-m"]
    if call["skeleton"] is not None:
        words += ["-k", call["skeleton"]]
    if call["umask"] is not None:
        words += ["-K", "UMASK=" + call["umask"]]
    return words


def modification(call: Call, now: accounts.Account) -> List[str]:
    """Return the words of usermod for what differs, none when nothing does."""
    words: List[str] = []
    if call["uid"] is not None and call["uid"] != now.uid:
        words += ["-u", str(call["uid"])] + (["-o"] if call["non_unique"] else [])
    if call["group"] is not None and _primary(call) != now.gid:
        words += ["-g", accounts.group_name(call["group"])]
    words += _groups(call, now)
    if call["comment"] is not None and call["comment"] != now.comment:
        words += ["-c", call["comment"]]
    if call["home"] is not None and call["home"] != now.home:
        words += ["-d", call["home"]] + (["-m"] if call["move_home"] else [])
    if call["shell"] is not None and call["shell"] != now.shell:
        words += ["-s", call["shell"]]
    return words + _expiry(call)


def _primary(call: Call) -> Optional[int]:
    accounts.group_name(call["group"])
    return accounts.group_id(call["group"])


def wanted_groups(call: Call) -> Set[str]:
    """Return the names of the supplementary groups; Failure for one that does not exist."""
    given = [part.strip() for group in call["groups"] or [] for part in group.split(",")]
    return {accounts.group_name(group) for group in given if group}


def _groups(call: Call, now: accounts.Account) -> List[str]:
    if call["groups"] is None:
        return []
    primary = _primary(call) if call["group"] is not None else now.gid
    wanted = {group for group in wanted_groups(call) if accounts.group_id(group) != primary}
    held = {group for group in accounts.memberships(now.name) if accounts.group_id(group) != primary}
    if call["append"]:
        missing = sorted(wanted - held)
        return ["-a", "-G", ",".join(missing)] if missing else []
    return [] if wanted == held else ["-G", ",".join(sorted(wanted))]


def expiry_date(moment: float) -> str:
    """Return the date an account expires on as the programs want it; a negative moment means never."""
    return "" if moment < 0 else time.strftime("%Y-%m-%d", time.gmtime(moment))


def _expiry(call: Call) -> List[str]:
    if call["expires"] is None:
        return []
    entry = accounts.shadow(call["name"])
    now = entry.expires if entry else ""
    wanted = "" if call["expires"] < 0 else str(int(call["expires"]) // DAY)
    # An account without an entry of its own gets one, even to say that it never expires.
    known = entry is not None or not os.path.exists(accounts.SHADOW)
    same = known and (wanted == now or (not wanted and now.startswith("-")))
    return [] if same else ["-e", expiry_date(call["expires"])]


def ages(call: Call, entry: Optional[accounts.Shadow]) -> List[str]:
    """Return the words of chage for what differs in the ages of the password."""
    words: List[str] = []
    for key, flag, field in AGES:
        wanted: Any = call[key]
        now = getattr(entry, field) if entry else ""
        if wanted is not None and str(wanted) != now and not (int(wanted) < 0 and not now):
            words += [flag, str(wanted)]
    return words


def new_password(call: Call, entry: Optional[accounts.Shadow], *, created: bool) -> Optional[str]:
    """Return the hash to set, with a leading ! when locked; None when the one there is right."""
    now = entry.password if entry else ""
    wanted, lock = call["password"], call["password_lock"]
    if wanted is not None and ("\n" in wanted or ":" in wanted):
        raise Failure("password must be a hash on one line, without a colon")
    if wanted is None or (call["update_password"] == "on_create" and not created):  # noqa: S105 -- a choice
        return _relocked(now, lock=lock) if lock is not None else None
    keep = lock if lock is not None else False
    whole = "!" + wanted if keep else wanted
    same = now.lstrip("!") == wanted.lstrip("!") and (lock is None or now.startswith("!") == lock)
    return None if same else whole


def _relocked(now: str, *, lock: bool) -> Optional[str]:
    """Return the hash locked or unlocked; an account without a hash stays as it is when unlocked."""
    if lock == now.startswith("!"):
        return None
    if lock:
        return "!" + now
    return now[1:] if now.strip("!") else None
