"""subversion: keeps a working copy of a Subversion repository at a revision."""

import os
import re
from typing import Any, Dict, List, Optional

from orchestr8.remote.module import Arg, Call, Failure, Module
from orchestr8.remote.svn_client import Client

_TOUCHED = re.compile(r"[ABDUCGE]\s")


class Subversion(Module):
    """Checks out, updates or exports a Subversion repository."""

    name = "subversion"
    args = {
        "repo": Arg("str", "Where the repository is.", required=True, aliases=["name", "repository"]),
        "dest": Arg("path", "Folder of the working copy or the export."),
        "revision": Arg("str", "The revision.", default="HEAD", aliases=["rev", "version"]),
        "force": Arg("bool", "Throw away local changes.", default=False),
        "in_place": Arg("bool", "Check out over a folder that is no working copy.", default=False),
        "username": Arg("str", "User of the repository."),
        "password": Arg("str", "Their password; svn gets it by a pipe.", secret=True),
        "executable": Arg("path", "The svn program."),
        "checkout": Arg("bool", "Check out when there is no working copy.", default=True),
        "update": Arg("bool", "Bring a working copy up to date.", default=True),
        "export": Arg("bool", "Export rather than check out.", default=False),
        "switch": Arg("bool", "Switch a working copy to `repo` first.", default=True),
        "validate_certs": Arg("bool", "Refuse a server whose certificate is not trusted.", default=False),
    }

    def run(self, call: Call) -> Dict[str, Any]:
        """Compare and update, check out or export."""
        for name in ("repo", "revision", "dest"):
            if str(call[name] or "").startswith("-"):
                raise Failure("%s must not start with a dash: %s" % (name, call[name]))
        wanted = call["checkout"] or call["update"] or call["export"]
        if wanted and not call["dest"]:
            raise Failure(
                "the destination directory must be specified unless checkout=no, update=no, and export=no"
            )
        client = Client(call)
        if not wanted:
            return {"changed": False, "after": client.revision(call["repo"])}
        if call["export"] or not os.path.exists(call["dest"]):
            return _fresh(call, client)
        if client.knows(call["dest"]):
            return _updated(call, client) if call["update"] else {"changed": False}
        return _over(call, client)


def _fresh(call: Call, client: Client) -> Dict[str, Any]:
    if call.check:
        return {"changed": bool(call["export"] or call["checkout"])}
    if call["export"]:
        client.tell("export", *(["--force"] if call["force"] else []), *_from(call))
        return {"changed": True}
    if not call["checkout"]:
        return {"changed": False}
    client.tell("checkout", *_from(call))
    return {"changed": True, "before": None, "after": client.state(call["dest"])}


def _from(call: Call) -> List[str]:
    return ["-r", call["revision"], call["repo"], call["dest"]]


def _updated(call: Call, client: Client) -> Dict[str, Any]:
    dest = call["dest"]
    modified = client.modified(dest)
    if modified and not call["force"]:
        raise Failure("ERROR: modified files exist in the repository.")
    if call.check:
        return _foreseen(call, client, modified)
    before = client.state(dest)
    lines: List[str] = []
    if call["switch"]:
        lines += client.tell("switch", "--revision", call["revision"], call["repo"], dest)
    if modified:
        client.tell("revert", "-R", dest)
    lines += client.tell("update", "-r", call["revision"], dest)
    changed = modified or any(_TOUCHED.match(line) for line in lines)
    return {"changed": changed, "before": before, "after": client.state(dest)}


def _foreseen(call: Call, client: Client, modified: bool) -> Dict[str, Any]:  # noqa: FBT001 -- what was found
    before = client.revision(call["dest"])
    after = client.revision(call["dest"], at=call["revision"])
    return {"changed": modified or _number(before) != _number(after), "before": before, "after": after}


def _number(text: str) -> Optional[str]:
    found = re.search(r"\d+$", text)
    return found.group(0) if found else None


def _over(call: Call, client: Client) -> Dict[str, Any]:
    dest = call["dest"]
    if not call["in_place"]:
        raise Failure("ERROR: %s folder already exists, but its not a subversion repository." % dest)
    if call.check:
        return {"changed": True}
    client.tell("checkout", "--force", *_from(call))
    if call["force"] and client.modified(dest):
        client.tell("revert", "-R", dest)
    return {"changed": True, "before": None, "after": client.state(dest)}


MODULE = Subversion
