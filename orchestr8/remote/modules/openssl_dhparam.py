"""openssl_dhparam: has Diffie-Hellman parameters on the host."""

import os
import re
from typing import Any, Dict, Optional

from orchestr8.remote.files import backup, read, replacement
from orchestr8.remote.module import Arg, Call, Failure, Module
from orchestr8.remote.ownership import FILE_ARGS, ownership
from orchestr8.remote.process import run, text
from orchestr8.remote.programs import must, required


class OpensslDhparam(Module):
    """Makes Diffie-Hellman parameters by the host's openssl, or removes them."""

    name = "openssl_dhparam"
    args = dict(
        FILE_ARGS,
        state=Arg("str", "Whether they are there.", default="present", choices=["absent", "present"]),
        size=Arg("int", "Bits.", default=4096),
        force=Arg("bool", "Make new ones even if there are some.", default=False),
        path=Arg("path", "The file.", required=True),
        backup=Arg("bool", "Keep a dated copy of what is replaced or removed.", default=False),
        select_crypto_backend=Arg(
            "str",
            "Accepted; openssl makes them.",
            default="auto",
            choices=["auto", "cryptography", "openssl"],
        ),
        return_content=Arg("bool", "Return them too.", default=False),
    )

    def run(self, call: Call) -> Dict[str, Any]:
        """Compare and repair."""
        path = call["path"]
        if not os.path.isdir(os.path.dirname(path) or "."):
            folder = os.path.dirname(path)
            raise Failure(f"The directory '{folder}' does not exist or the file is not a directory")
        if call["state"] == "absent":
            return _absent(call, path)
        out: Dict[str, Any] = {"changed": False, "size": call["size"], "filename": path}
        if call["force"] or _size(path) != call["size"]:
            out["changed"] = True
            if not call.check:
                saved = replacement(call).put(call, os.path.realpath(path), _made(call))
                out.update({"backup_file": saved} if saved else {})
        if os.path.exists(path):
            out["changed"] = ownership(call).settle(call, path) or out["changed"]
            if call["return_content"]:
                out["dhparams"] = read(path).decode("ascii", "replace")
        return out


def _absent(call: Call, path: str) -> Dict[str, Any]:
    there = os.path.lexists(path)
    out: Dict[str, Any] = {"changed": there, "filename": path}
    if there and not call.check:
        if call["backup"]:
            out["backup_file"] = backup(path)
        os.unlink(path)
    return out


def _size(path: str) -> Optional[int]:
    if not os.path.exists(path):
        return None
    argv = [required("openssl", "openssl"), "dhparam", "-check", "-text", "-noout", "-in", path]
    done = run(argv, parse=True)
    found = re.search(r"\((\d+) bit\)", text(done.stdout) + text(done.stderr))
    return int(found.group(1)) if found and done.rc == 0 else None


def _made(call: Call) -> bytes:
    argv = [required("openssl", "openssl"), "dhparam", str(call["size"])]
    return must(argv, "openssl cannot make the parameters", timeout=call.timeout).stdout


MODULE = OpensslDhparam
