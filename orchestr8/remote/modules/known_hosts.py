"""known_hosts: manages the host keys that ssh trusts."""

import os
from typing import Any, Dict, List

from orchestr8.remote import host_key_lines as lines
from orchestr8.remote.diffs import content_diff
from orchestr8.remote.files import Replacement, read
from orchestr8.remote.module import Arg, Call, Failure, Module
from orchestr8.remote.ownership import path_info


class KnownHosts(Module):
    """Adds and removes host keys in a known_hosts file."""

    name = "known_hosts"
    args = {
        "name": Arg(
            "str",
            "The host, as ssh looks it up: [host]:port for other ports.",
            required=True,
            aliases=["host"],
        ),
        "key": Arg(
            "str", "The key's line, as ssh-keyscan prints it; without one, absent removes all of the host's."
        ),
        "path": Arg("path", "The file.", default="~/.ssh/known_hosts"),
        "hash_host": Arg("bool", "Conceal the host's name in the file.", default=False),
        "state": Arg("str", "Whether the key is there.", default="present", choices=["absent", "present"]),
    }

    def run(self, call: Call) -> Dict[str, Any]:
        """Bring the host's lines into the wanted state."""
        path, host = os.path.expanduser(call["path"]), call["name"]
        if "," in host:
            raise Failure(
                "Comma separated list of names is not supported. "
                "Please pass a single name to lookup in the known_hosts file."
            )
        if call["state"] == "present" and not call["key"]:
            raise Failure("No key specified when adding a host")
        before = read(path) if os.path.exists(path) else b""
        now = before.decode("utf-8", "surrogateescape").splitlines()
        given = lines.wanted(call["key"], host, conceal=call["hash_host"]) if call["key"] else []
        then = _without(now, host, given) if call["state"] == "absent" else _with(now, host, given)
        out: Dict[str, Any] = {"changed": then != now, "name": host, "path": path, "state": call["state"]}
        after = before
        if then != now:
            after = "".join(line + "\n" for line in then).encode("utf-8", "surrogateescape")
            if not call.check:
                _write(call, path, after)
        out["diff"] = content_diff(before, after, header=path if before else "/dev/null", after_header=path)
        out.update(key=call["key"], hash_host=call["hash_host"])
        return dict(out, **path_info(path))


def _without(now: List[str], host: str, given: List[lines.Line]) -> List[str]:
    return [text for text in now if not _removed(text, host, given)]


def _removed(text: str, host: str, given: List[lines.Line]) -> bool:
    line = lines.parsed(text)
    if line is None or not lines.is_for(line, host):
        return False
    return not given or any((line.kind, line.key) == (one.kind, one.key) for one in given)


def _with(now: List[str], host: str, given: List[lines.Line]) -> List[str]:
    """Replace the host's key of each given kind, in place; other kinds and marked lines stay."""
    then = list(now)
    for new in given:
        if new.marker:
            then += [] if any(_is(text, host, new) for text in then) else [new.text]
            continue
        same = [text for text in then if _same_kind(text, host, new)]
        if len(same) == 1 and _good(same[0], new):
            continue
        at = then.index(same[0]) if same else len(then)
        then = [text for text in then if text not in same]
        then.insert(min(at, len(then)), new.text)
    return then


def _same_kind(text: str, host: str, new: lines.Line) -> bool:
    line = lines.parsed(text)
    return line is not None and lines.is_for(line, host) and (line.kind, line.marker) == (new.kind, "")


def _is(text: str, host: str, new: lines.Line) -> bool:
    """Tell whether a line is a marked one for the host with the same key: it speaks of more than one key."""
    line = lines.parsed(text)
    return line is not None and lines.is_for(line, host) and line[1:2] + line[3:] == new[1:2] + new[3:]


def _good(text: str, new: lines.Line) -> bool:
    line = lines.parsed(text)
    return line is not None and line.key == new.key and _concealed(line) == _concealed(new)


def _concealed(line: lines.Line) -> bool:
    return line.hosts.startswith("|1|")


def _write(call: Call, path: str, after: bytes) -> None:
    folder = os.path.dirname(path)
    if folder and not os.path.isdir(folder):
        os.makedirs(folder, 0o700)
    Replacement().put(call, os.path.realpath(path), after)


MODULE = KnownHosts
