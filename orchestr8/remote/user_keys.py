"""An SSH key pair of a user's own, made once and kept."""

import os
from typing import Any, Dict

from orchestr8.remote.accounts import Account, execute
from orchestr8.remote.module import Call, Failure
from orchestr8.remote.process import run, text


def key_path(call: Call, home: str) -> str:
    """Return where the private key belongs."""
    return os.path.join(home, call["ssh_key_file"] or f".ssh/id_{call['ssh_key_type']}")


def make_key(call: Call, user: Account, out: Dict[str, Any]) -> None:
    """Make the key pair where there is none, and describe it in the result."""
    path = key_path(call, user.home)
    out["ssh_key_file"] = path
    if _is_free(call, path):
        out["changed"] = True
        if call.check:
            return
        _generate(call, user, path, out)
    if os.path.exists(path + ".pub"):
        with open(path + ".pub") as file:
            out["ssh_public_key"] = file.read().strip()
        done = run(["ssh-keygen", "-l", "-f", path], parse=True)
        out["ssh_fingerprint"] = text(done.stdout).strip()


def _is_free(call: Call, path: str) -> bool:
    """Return whether keys may be made: none of either kind is there, be it a link, or all may be replaced."""
    for kind, name in (("private", path), ("public", path + ".pub")):
        if not os.path.lexists(name):
            continue
        if not call["force"]:
            text = 'Found existing ssh key %s file "%s", no force, so skipping ssh-keygen generation'
            call.warnings.append(text % (kind, name))
            return False
        call.warnings.append('Overwriting existing ssh key %s file "%s"' % (kind, name))
    return True


def _generate(call: Call, user: Account, path: str, out: Dict[str, Any]) -> None:
    folder = os.path.dirname(path)
    if not os.path.isdir(user.home):
        raise Failure(f"User {user.name} home directory does not exist", name=user.name)
    if not os.path.isdir(folder):
        os.mkdir(folder, 0o700)
        os.chown(folder, user.uid, user.gid)
    for old in (path, path + ".pub"):
        if os.path.lexists(old):
            os.unlink(old)
    argv = ["ssh-keygen", "-q", "-t", call["ssh_key_type"], "-C", _comment(call), "-f", path]
    if call["ssh_key_bits"]:
        argv += ["-b", str(call["ssh_key_bits"])]
    execute([*argv, "-N", call["ssh_key_passphrase"] or ""], call, out)
    for made in (path, path + ".pub"):
        os.lchown(made, user.uid, user.gid)


def _comment(call: Call) -> str:
    return str(call["ssh_key_comment"]).replace("$HOSTNAME", os.uname().nodename)
