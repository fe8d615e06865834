"""The assemble module: one file out of the fragments in a directory."""

import os
import re
from typing import Any, Dict, Iterator

from orchestr8.remote.digests import digest
from orchestr8.remote.files import read, replacement
from orchestr8.remote.module import Arg, Call, Failure, Module
from orchestr8.remote.ownership import FILE_ARGS, ownership, path_info


class Assemble(Module):
    """Assemble a file from fragments, in the order of their names."""

    name = "assemble"
    args = dict(
        FILE_ARGS,
        src=Arg("path", "Directory of the fragments.", required=True),
        dest=Arg("path", "The file to make.", required=True),
        delimiter=Arg("str", "Text between two fragments; escapes such as \\n are read."),
        regexp=Arg("str", "Expression that a fragment's name matches."),
        ignore_hidden=Arg("bool", "Leave out fragments whose name begins with a dot.", default=False),
        remote_src=Arg("bool", "The fragments are on the host, not on the controller.", default=True),
        backup=Arg("bool", "Keep a dated copy of a file that is replaced.", default=False),
        validate=Arg("str", "Command that checks the new file before it is put in place; %s is its path."),
        decrypt=Arg("bool", "Decrypt vaulted fragments on the controller.", default=True),
    )

    def run(self, call: Call) -> Dict[str, Any]:
        """Assemble."""
        src, dest = call["src"], call["dest"]
        if not os.path.isdir(src):
            what = "is not a directory" if os.path.exists(src) else "does not exist"
            raise Failure("Source (%s) %s" % (src, what))
        data = _assembled(call)
        result: Dict[str, Any] = {"src": src, "dest": dest, "checksum": digest(data), "msg": "OK"}
        differs = not os.path.isfile(dest) or read(dest) != data
        if differs and not call.check:
            saved = replacement(call).put(call, dest, data)
            result.update({"backup_file": saved} if saved else {})
        result["changed"] = ownership(call).settle(call, dest) or differs
        return dict(result, **path_info(dest))


def _assembled(call: Call) -> bytes:
    delimiter = _delimiter(call["delimiter"])
    whole = b""
    for number, fragment in enumerate(_fragments(call)):
        if number:
            whole += b"" if whole.endswith(b"\n") or not whole else b"\n"
            whole += delimiter
        whole += fragment
    return whole


def _delimiter(text: Any) -> bytes:
    """Return what stands between two fragments, ended with a newline; escapes are read."""
    if not text:
        return b""
    escapes = re.compile(r"\\(n|t|r|\\|x[0-9a-fA-F]{2})")
    plain = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\"}
    found = escapes.sub(lambda match: plain.get(match.group(1)) or chr(int(match.group(1)[1:], 16)), text)
    data = found.encode("utf-8", "surrogateescape")
    return data if data.endswith(b"\n") else data + b"\n"


def _fragments(call: Call) -> Iterator[bytes]:
    try:
        wanted = re.compile(call["regexp"] or "")
    except re.error as error:
        raise Failure('Invalid Regexp (%s) in "%s"' % (error, call["regexp"])) from None
    for name in sorted(os.listdir(call["src"])):
        path = os.path.join(call["src"], name)
        hidden = name.startswith(".") and call["ignore_hidden"]
        if wanted.search(name) and not hidden and os.path.isfile(path):
            yield read(path)


MODULE = Assemble
