"""authorized_key: manages the public keys that may log in as a user."""

import os
from typing import Any, Dict, List, Optional

from orchestr8.remote import accounts
from orchestr8.remote.authorized_lines import Line, options, parsed, rendered, same
from orchestr8.remote.diffs import content_diff
from orchestr8.remote.files import Replacement, read
from orchestr8.remote.http_request import HTTP_ARGS, request
from orchestr8.remote.module import Arg, Call, Failure, Module
from orchestr8.remote.ownership import Ownership, path_info


class AuthorizedKey(Module):
    """Adds and removes the public keys that may log in as a user."""

    name = "authorized_key"
    args = {
        "user": Arg("str", "The user.", required=True),
        "key": Arg(
            "str", "The keys, one a line, or the http(s):// or file:// address of such.", required=True
        ),
        "path": Arg("path", "The file, in place of .ssh/authorized_keys in the user's home."),
        "manage_dir": Arg(
            "bool", "Make the folder of the file, and settle its owner and mode.", default=True
        ),
        "state": Arg("str", "Whether the keys are there.", default="present", choices=["absent", "present"]),
        "key_options": Arg("str", "Options that stand before the keys."),
        "exclusive": Arg("bool", "Remove every other key.", default=False),
        "validate_certs": Arg("bool", "Check the certificate of an https address.", default=True),
        "comment": Arg("str", "The keys' comment, in place of their own."),
        "follow": Arg("bool", "Write through a symbolic link.", default=False),
    }

    def run(self, call: Call) -> Dict[str, Any]:
        """Bring the keys into the wanted state."""
        user = accounts.account(call["user"], local=False)
        path = _path(call, user)
        wanted = _wanted(call)
        before = read(path) if os.path.exists(path) else b""
        now = before.decode("utf-8", "surrogateescape").split("\n")
        if now[-1] == "":
            now.pop()
        then = _without(now, wanted) if call["state"] == "absent" else _with(now, wanted, call)
        out: Dict[str, Any] = {**call.args, "changed": then != now, "keyfile": path}
        after = (
            "".join(line + "\n" for line in then).encode("utf-8", "surrogateescape")
            if then != now
            else before
        )
        if not call.check and call["manage_dir"] and call["state"] == "present":
            out["changed"] = _folder(call, os.path.dirname(path), user) or out["changed"]
        if then != now and not call.check:
            _store(call, path, after, user)
        if call.diff and then != now:
            out["diff"] = content_diff(before, after, header=path)
        return dict(out, **path_info(path)) if call["path"] else out


def _path(call: Call, user: Optional[accounts.Account]) -> str:
    if call["path"]:
        path = str(call["path"])
        return os.path.realpath(path) if call["follow"] else path
    if user is None and call.check:
        raise Failure("Either user must exist or you can provide full path to key file in check mode")
    if user is None:
        raise Failure(f"Failed to lookup user {call['user']}: there is no such user")
    path = os.path.join(user.home, ".ssh", "authorized_keys")
    return os.path.realpath(path) if call["follow"] else path


def _wanted(call: Call) -> List[Line]:
    source = call["key"]
    if source.startswith("file://"):
        source = read(source[len("file://") :]).decode("utf-8", "surrogateescape")
    elif source.startswith(("http://", "https://")):
        source = _fetched(call)
    lines: List[Line] = []
    for text in source.splitlines():
        line = parsed(text)
        if line is None and text.strip() and not text.strip().startswith("#"):
            raise Failure(f"invalid key specified: {text.strip()}")
        if line is not None and not any(line.key == one.key for one in lines):
            lines.append(_shaped(call, line))
    return lines


def _shaped(call: Call, line: Line) -> Line:
    if call["key_options"] is not None:
        line = line._replace(options=",".join(options(call["key_options"])))
    return line if call["comment"] is None else line._replace(comment=call["comment"])


def _fetched(call: Call) -> str:
    args = {name: arg.default for name, arg in HTTP_ARGS.items()}
    args.update(url=call["key"], validate_certs=call["validate_certs"], timeout=10)
    answer = request(Call(args, environ=call.environ), "GET")
    if answer.status != 200:
        raise Failure(
            f"Error getting key from: {call['key']}", status_code=answer.status, response=answer.msg
        )
    return bytes(answer.stream(decompress=True).read()).decode("utf-8", "replace")


def _without(now: List[str], gone: List[Line]) -> List[str]:
    keys = {line.key for line in gone}
    return [text for text in now if getattr(parsed(text), "key", None) not in keys]


def _with(now: List[str], wanted: List[Line], call: Call) -> List[str]:
    """Return the lines with each wanted key once, in its place where it is already."""
    left = {line.key: line for line in wanted}
    known = set(left)
    then: List[str] = []
    for text in now:
        line = parsed(text)
        if line is None or line.key not in known:
            then += [] if call["exclusive"] else [text]
        elif line.key in left:
            new = left.pop(line.key)
            then.append(text if same(line, new) else rendered(new))
    return then + [rendered(line) for line in wanted if line.key in left]


def _folder(call: Call, folder: str, user: Optional[accounts.Account]) -> bool:
    """Make the folder, the user's own and nobody else's; return whether anything changed."""
    made = not os.path.isdir(folder)
    if made:
        os.makedirs(folder, 0o700)
    if user is None:
        return made
    owner = Ownership(str(user.uid), str(user.gid), 0o700)
    return owner.settle(call, folder) or made


def _store(call: Call, path: str, after: bytes, user: Optional[accounts.Account]) -> None:
    fresh = not os.path.exists(path)
    owner = Ownership(str(user.uid), str(user.gid), 0o600) if fresh and user else None
    Replacement(owner).put(call, path, after)
    if fresh and user is None:
        os.chmod(path, 0o600)


MODULE = AuthorizedKey
