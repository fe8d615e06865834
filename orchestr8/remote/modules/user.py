"""user: manages user accounts."""

import os
import re
from typing import Any, Dict, List

from orchestr8.remote import accounts, user_keys, user_words
from orchestr8.remote.facts.reading import Files
from orchestr8.remote.module import Arg, Call, Failure, Module


class User(Module):
    """Creates, changes and removes user accounts."""

    name = "user"
    args = {
        "name": Arg("str", "The user.", required=True, aliases=["user"]),
        "uid": Arg("int", "The user's number."),
        "comment": Arg("str", "The full name or description."),
        "hidden": Arg("bool", "Accepted; means something on macOS only."),
        "non_unique": Arg("bool", "Allow a number that another user has.", default=False),
        "seuser": Arg("str", "Accepted; the SELinux user is not changed."),
        "group": Arg("str", "The primary group."),
        "groups": Arg("list", "The other groups; an empty list leaves all of them.", elements="str"),
        "append": Arg("bool", "Add to the groups and leave none.", default=False),
        "shell": Arg("path", "The login shell."),
        "home": Arg("path", "The home folder."),
        "skeleton": Arg("str", "Folder whose content a new home gets."),
        "password": Arg("str", "The hash of the password, as in /etc/shadow.", secret=True),
        "state": Arg("str", "Whether it exists.", default="present", choices=["absent", "present"]),
        "create_home": Arg(
            "bool", "Make the home folder when there is none.", default=True, aliases=["createhome"]
        ),
        "move_home": Arg("bool", "Move the content along when home changes.", default=False),
        "system": Arg("bool", "Make a new account a system one.", default=False),
        "force": Arg("bool", "Remove even a logged-in user; when present, renew the SSH key.", default=False),
        "remove": Arg("bool", "With state absent, remove the home folder too.", default=False),
        "login_class": Arg("str", "Accepted; means something on BSD only."),
        "generate_ssh_key": Arg("bool", "Make an SSH key pair where there is none.", default=False),
        "ssh_key_bits": Arg("int", "Bits of the key."),
        "ssh_key_type": Arg("str", "Kind of the key.", default="rsa"),
        "ssh_key_file": Arg("path", "Where the key belongs, relative to the home folder."),
        "ssh_key_comment": Arg("str", "Comment of the key.", default="ansible-generated on $HOSTNAME"),
        "ssh_key_passphrase": Arg("str", "Passphrase of the key.", secret=True),
        "update_password": Arg(
            "str",
            "Whether an existing user's password is set too.",
            default="always",
            choices=["always", "on_create"],
        ),
        "expires": Arg("float", "When the account expires, in seconds since 1970; negative: never."),
        "password_lock": Arg("bool", "Whether the password is locked."),
        "local": Arg(
            "bool", "Look only into the host's own file, not into other name services.", default=False
        ),
        "profile": Arg("str", "Accepted; means something on Solaris only."),
        "authorization": Arg("str", "Accepted; means something on Solaris only."),
        "role": Arg("str", "Accepted; means something on Solaris only."),
        "password_expire_max": Arg("int", "Days after which the password must be changed."),
        "password_expire_min": Arg("int", "Days before which the password cannot be changed."),
        "password_expire_warn": Arg("int", "Days of warning before the password expires."),
        "password_expire_account_disable": Arg("int", "Days from the password's end to the lock."),
        "umask": Arg("str", "Umask for the home folder that is made."),
        "uid_min": Arg("int", "Smallest number for a new user."),
        "uid_max": Arg("int", "Largest number for a new user."),
    }

    def run(self, call: Call) -> Dict[str, Any]:
        """Bring the account into the wanted state."""
        out: Dict[str, Any] = {"changed": False, "name": call["name"], "state": call["state"]}
        if call["password"] and not user_words.looks_hashed(call["password"]):
            call.warnings.append(
                "The input password appears not to have been hashed. The 'password' argument must be "
                "encrypted for this module to work properly."
            )
        for name in ("umask", "uid_min", "uid_max"):
            if call["local"] and call[name] is not None:
                raise Failure("'%s' can not be used with 'local'" % name)
        if call["append"] and call["groups"] is None:
            call.warnings.append(
                "'append' is set, but no 'groups' are specified. Use 'groups' for appending new groups. "
                "This will change to an error in a later version."
            )
        if call["state"] == "absent":
            _remove(call, out)
        else:
            _present(call, out)
        return out


def _remove(call: Call, out: Dict[str, Any]) -> None:
    out.update(force=call["force"], remove=call["remove"])
    if accounts.account(call["name"], local=call["local"]) is None:
        return
    out["changed"] = True
    if not call.check:
        flags = ["-f"] if call["force"] else []
        accounts.execute(["userdel", *flags, *(["-r"] if call["remove"] else []), call["name"]], call, out)


def _present(call: Call, out: Dict[str, Any]) -> None:
    now = accounts.account(call["name"], local=call["local"])
    if now is None:
        _act(["useradd", *user_words.creation(call), call["name"]], call, out)
        out.update(create_home=call["create_home"], system=call["system"])
    else:
        words = user_words.modification(call, now)
        if words:
            _act(["usermod", *words, call["name"]], call, out)
        out.update(append=call["append"], move_home=call["move_home"])
    _secrets(call, out, created=now is None)
    made = accounts.account(call["name"], local=call["local"])
    if made is not None:
        _home(call, made, out)
        if call["generate_ssh_key"]:
            user_keys.make_key(call, made, out)
    _describe(call, made, out)


def _act(argv: List[str], call: Call, out: Dict[str, Any], stdin: str = "") -> None:
    out["changed"] = True
    if call.check:
        return
    if call["home"] and call["create_home" if argv[0] == "useradd" else "move_home"]:
        os.makedirs(os.path.dirname(call["home"].rstrip("/")) or "/", exist_ok=True)
    accounts.execute(argv, call, out, stdin)


def _secrets(call: Call, out: Dict[str, Any], *, created: bool) -> None:
    """Set the password and its ages; the hash goes by a pipe, where no process list shows it."""
    entry = accounts.shadow(call["name"])
    password = user_words.new_password(call, entry, created=created)
    if password is not None:
        _act(["chpasswd", "-e"], call, out, f"{call['name']}:{password}\n")
    words = user_words.ages(call, entry)
    if words:
        _act(["chage", *words, call["name"]], call, out)


def _home(call: Call, user: accounts.Account, out: Dict[str, Any]) -> None:
    """Make a home folder that is missing."""
    home = call["home"] or user.home
    if not call["create_home"] or os.path.exists(home):
        return
    out["changed"] = True
    if call.check:
        return
    import shutil

    skeleton = call["skeleton"] or "/etc/skel"
    os.makedirs(os.path.dirname(home.rstrip("/")), exist_ok=True)
    if os.path.isdir(skeleton):
        shutil.copytree(skeleton, home, symlinks=True)
    else:
        os.mkdir(home)
    os.chmod(home, 0o777 & ~int(call["umask"] or _umask(), 8))
    accounts.owned(home, user.uid, user.gid)


def _umask() -> str:
    """Return the mode bits that login.defs takes from new homes."""
    content = Files().text("/etc/login.defs") or ""
    found: Dict[str, str] = dict(re.findall(r"^\s*(HOME_MODE|UMASK)\s+([0-7]+)", content, re.M))
    if "HOME_MODE" in found:
        return oct(0o777 & ~int(found["HOME_MODE"], 8))[2:]
    return found.get("UMASK", "022")


def _describe(call: Call, user: Any, out: Dict[str, Any]) -> None:
    if user is not None:
        out.update(comment=user.comment, group=user.gid, home=user.home, shell=user.shell, uid=user.uid)
    elif call["uid"] is not None:
        out["uid"] = call["uid"]
    if call["groups"] is not None:
        out["groups"] = ",".join(call["groups"])
    if call["password"] is not None:
        out["password"] = "NOT_LOGGING_PASSWORD"  # noqa: S105 -- what stands in its place


MODULE = User
