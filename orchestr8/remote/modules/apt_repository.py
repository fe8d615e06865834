"""apt_repository: manages the repositories that apt fetches from."""

import glob
import os
import re
from typing import Any, Dict, List

from orchestr8.remote import apt_get
from orchestr8.remote.diffs import content_diff
from orchestr8.remote.files import Replacement, read
from orchestr8.remote.module import Arg, Call, Failure, Module
from orchestr8.remote.ownership import Ownership

FOLDER = "/etc/apt/sources.list.d"
_LINE = re.compile(r"\s*(deb|deb-src)\s+(\[[^\]]*\]\s+)?(\S+)\s+(\S+)(\s+\S.*)?$")


class AptRepository(Module):
    """Adds and removes lines of apt's sources."""

    name = "apt_repository"
    args = {
        "repo": Arg("str", "The line, as in sources.list: deb URL SUITE COMPONENT...", required=True),
        "state": Arg("str", "Whether the line is there.", default="present", choices=["absent", "present"]),
        "mode": Arg("bits", "Permissions of a new file."),
        "update_cache": Arg(
            "bool", "Fetch the lists after a change.", default=True, aliases=["update-cache"]
        ),
        "update_cache_retries": Arg("int", "How often to try again to fetch the lists.", default=5),
        "update_cache_retry_max_delay": Arg("int", "Longest pause between tries, in seconds.", default=12),
        "validate_certs": Arg("bool", "Accepted; means something for PPAs only.", default=True),
        "filename": Arg("str", "Name of the file under sources.list.d, or a path."),
        "codename": Arg("str", "Accepted; means something for PPAs only."),
        "install_python_apt": Arg(
            "bool", "Accepted; nothing has to be installed for this module.", default=True
        ),
    }

    def run(self, call: Call) -> Dict[str, Any]:
        """Compare the wanted line with the files there are, and write the one that changes."""
        line = normal(call["repo"])
        if line is None:
            hint = "; PPAs are not supported, give the line" if call["repo"].startswith("ppa:") else ""
            raise Failure(f"Invalid repository string: {call['repo']}{hint}")
        now = {path: read(path) for path in _files(call)}
        then = _removed(now, line) if call["state"] == "absent" else _added(call, now, line)
        changed = sorted(path for path in then if then[path] != now.get(path))
        out: Dict[str, Any] = {"changed": bool(changed), "repo": call["repo"], "state": call["state"]}
        out["sources_added"] = [path for path in changed if path not in now]
        out["sources_removed"] = [path for path in changed if not then[path].strip()]
        if changed:
            out["diff"] = [content_diff(now.get(path, b""), then[path], header=path) for path in changed]
        if changed and not call.check:
            _store(call, now, {path: then[path] for path in changed})
        return out


def normal(line: str) -> Any:
    """Return the line with single spaces and without its comment, None when it is no repository."""
    found = _LINE.match(line.split("#")[0].rstrip())
    return " ".join(" ".join(part for part in found.groups() if part).split()) if found else None


def _files(call: Call) -> List[str]:
    found = sorted(glob.glob(FOLDER + "/*.list"))
    own = _path(call, "")
    return [path for path in ["/etc/apt/sources.list", *found, own] if path and os.path.isfile(path)]


def _path(call: Call, line: str) -> str:
    """Return the file a new line belongs in."""
    name = call["filename"]
    if name and name.startswith("/"):
        return str(name)
    if not name and not line:
        return ""
    return os.path.join(FOLDER, f"{re.sub(r'[.]list$', '', name) if name else suggested(line)}.list")


def suggested(line: str) -> str:
    """Return a file name made of the repository's address, without who logs in there, as Ansible makes it."""
    words = [word for word in re.sub(r"\[[^\]]*\]", "", line).split() if word not in ("deb", "deb-src")]
    address = re.sub(r"^\w+://", "", words[0]).rpartition("@")[2]
    return "_".join(re.sub(r"[^a-zA-Z0-9]", " ", address).split())


def _removed(now: Dict[str, bytes], line: str) -> Dict[str, bytes]:
    then = {}
    for path, content in now.items():
        rows = content.decode("utf-8", "surrogateescape").splitlines(keepends=True)
        kept = "".join(row for row in rows if normal(row) != line)
        then[path] = kept.encode("utf-8", "surrogateescape")
    return then


def _added(call: Call, now: Dict[str, bytes], line: str) -> Dict[str, bytes]:
    rows = [
        row for content in now.values() for row in content.decode("utf-8", "surrogateescape").splitlines()
    ]
    if any(normal(row) == line for row in rows):
        return {}
    path = _path(call, line)
    before = now.get(path, b"")
    glue = b"" if before.endswith(b"\n") or not before else b"\n"
    return {path: before + glue + line.encode() + b"\n"}


def _store(call: Call, now: Dict[str, bytes], then: Dict[str, bytes]) -> None:
    """Write the files and fetch the lists; when apt cannot, the files are as before."""
    for path, content in then.items():
        _put(call, path, content)
    if not call["update_cache"]:
        return
    try:
        apt = apt_get.AptGet(progress=call.progress, timeout=call.timeout)
        apt.update(call["update_cache_retries"], call["update_cache_retry_max_delay"])
    except Failure:
        for path in then:
            _put(call, path, now.get(path, b""))
        raise


def _put(call: Call, path: str, content: bytes) -> None:
    if not content.strip() and path != "/etc/apt/sources.list":
        if os.path.exists(path):
            os.unlink(path)
        return
    Replacement(Ownership(mode=call["mode"])).put(call, path, content)


MODULE = AptRepository
