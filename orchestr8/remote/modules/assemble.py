"""The assemble module: one file out of the fragments in a directory."""

import os
from typing import Any, Dict

from orchestr8.remote import fragments
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
    found = fragments.names(call["src"], call["regexp"], ignore_hidden=call["ignore_hidden"])
    return fragments.joined(map(read, found), call["delimiter"])


MODULE = Assemble
