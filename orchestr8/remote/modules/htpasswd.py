"""htpasswd: manages the users of a web server's password file."""

import os
from typing import Any, Dict, List

from orchestr8.remote.module import Arg, Call, Failure, Module
from orchestr8.remote.ownership import FILE_ARGS, ownership, path_info
from orchestr8.remote.password_lines import fits, hashed
from orchestr8.remote.text_file import TextFile


class Htpasswd(Module):
    """Adds and removes users in a password file for basic authentication."""

    name = "htpasswd"
    args = dict(
        FILE_ARGS,
        path=Arg("path", "The file.", required=True, aliases=["dest", "destfile"]),
        name=Arg("str", "The user.", required=True, aliases=["username"]),
        password=Arg("str", "The password.", secret=True),
        hash_scheme=Arg("str", "How it is hashed.", default="apr_md5_crypt", aliases=["crypt_scheme"]),
        state=Arg("str", "Whether the user is there.", default="present", choices=["present", "absent"]),
        create=Arg("bool", "Make the file if there is none.", default=True),
    )

    def run(self, call: Call) -> Dict[str, Any]:
        """Compare and repair."""
        path, name = call["path"], call["name"]
        if ":" in name or "\n" in name:
            raise Failure(f"a user's name holds no colon and no line feed: {name!r}")
        file = TextFile(path)
        if not file.exists and call["state"] == "absent":
            call.warnings.append(f"{path} does not exist")
            return {"changed": False, "msg": f"{name} not present"}
        if not file.exists and not call["create"]:
            raise Failure(f"Destination {path} does not exist")
        lines, msg = list(file.lines), f"{name} not present"
        if call["state"] == "present":
            lines, msg = _present(call, lines)
        elif len(_without(lines, name)) != len(lines):
            lines, msg = _without(lines, name), f"Removed {name}"
        out: Dict[str, Any] = {"changed": False, "msg": msg}
        _folder(call, path)
        file.settle(call, lines, out)
        out.pop("diff", None)
        if os.path.exists(path):
            out["changed"] = ownership(call).settle(call, path) or out["changed"]
            out.update(path_info(path))
        return out


def _folder(call: Call, path: str) -> None:
    folder = os.path.dirname(path)
    if folder and not os.path.isdir(folder) and not call.check:
        os.makedirs(folder)


def _without(lines: List[str], name: str) -> List[str]:
    return [line for line in lines if line.partition(":")[0] != name]


def _present(call: Call, lines: List[str]) -> Any:
    name, password = call["name"], call["password"]
    now = [line.partition(":")[2] for line in lines if line.partition(":")[0] == name]
    if now and (password is None or fits(password, now[0])):
        return lines, f"{name} already present and password not changed"
    if password is None:
        raise Failure("the user does not exist yet: password is required")
    new = f"{name}:{hashed(password, call['hash_scheme'])}"
    if not now:
        return [*lines, new], f"Added {name}" if lines else f"Created {call['path']} and added {name}"
    return [new if line.partition(":")[0] == name else line for line in lines], f"Updated {name}"


MODULE = Htpasswd
