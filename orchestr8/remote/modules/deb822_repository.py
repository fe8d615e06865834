"""deb822_repository: manages apt's repositories in the format of fields."""

import os
import re
from typing import Any, Dict, Optional, Tuple

from orchestr8.remote.diffs import content_diff
from orchestr8.remote.files import Replacement, read
from orchestr8.remote.module import Arg, Call, Failure, Module
from orchestr8.remote.ownership import Ownership, path_info

SOURCES, KEYRINGS = "/etc/apt/sources.list.d", "/etc/apt/keyrings"


class Deb822Repository(Module):
    """Adds and removes a repository as a .sources file, and the key that signs it."""

    name = "deb822_repository"
    args = {
        "name": Arg("str", "Name of the repository; the file is named after it.", required=True),
        "state": Arg(
            "str", "Whether the repository is there.", default="present", choices=["absent", "present"]
        ),
        "mode": Arg("bits", "Permissions of the file.", default="0644"),
        "types": Arg(
            "list", "Packages, sources or both.", default=["deb"], choices=["deb", "deb-src"], elements="str"
        ),
        "uris": Arg("list", "Where the repository is.", elements="str"),
        "suites": Arg(
            "list", "Suites, such as stable; or an exact path that ends with a slash.", elements="str"
        ),
        "components": Arg("list", "Components, such as main.", elements="str"),
        "signed_by": Arg(
            "str", "The signing key: a path on the host, a URL, a fingerprint, or the key itself."
        ),
        "architectures": Arg("list", "Architectures to fetch.", elements="str"),
        "languages": Arg("list", "Languages of translations to fetch.", elements="str"),
        "targets": Arg("list", "Download targets.", elements="str"),
        "enabled": Arg("bool", "Whether apt uses the repository."),
        "trusted": Arg("bool", "Trust the repository whatever its signature."),
        "allow_insecure": Arg("bool", "Allow a repository without a signature."),
        "allow_weak": Arg("bool", "Allow weak hashes in signatures."),
        "allow_downgrade_to_insecure": Arg("bool", "Allow a signed repository to become unsigned."),
        "by_hash": Arg("bool", "Fetch indexes by their hash."),
        "check_date": Arg("bool", "Check the release file's date."),
        "check_valid_until": Arg("bool", "Check the release file's end of validity."),
        "date_max_future": Arg("int", "Seconds by which the release file's date may lie ahead."),
        "inrelease_path": Arg("str", "Path of the InRelease file, relative to the usual place."),
        "pdiffs": Arg("bool", "Fetch differences between indexes."),
    }

    def run(self, call: Call) -> Dict[str, Any]:
        """Write or remove the repository's file and key."""
        slug = slug_of(call["name"])
        path = os.path.join(SOURCES, slug + ".sources")
        if call["state"] == "absent":
            return _remove(call, slug, path)
        out: Dict[str, Any] = {"changed": False, "dest": path, "key_filename": None}
        signed_by, key = _key(call["signed_by"], slug)
        if key is not None:
            out["key_filename"] = signed_by
            if not call.check and not os.path.isdir(KEYRINGS):
                os.makedirs(KEYRINGS, 0o755)
            out["changed"] = _put(call, str(signed_by), key, "0644", {})
        elif signed_by and os.path.isfile(signed_by):
            out["key_filename"] = signed_by
        repo = rendered(call.args, signed_by)
        out["changed"] = _put(call, path, repo.encode(), call["mode"], out) or out["changed"]
        out["repo"] = repo
        return dict(out, **path_info(path))


def slug_of(name: str) -> str:
    """Return the file name that stands for a repository's name."""
    slug = re.sub(r"[^a-z0-9-]+", "", re.sub(r"[_\s]+", "-", name.lower()))
    if not slug:
        raise Failure(f"name holds nothing a file could be named after: {name!r}")
    return slug


def rendered(args: Dict[str, Any], signed_by: Optional[str]) -> str:
    """Return the file's text: the fields that are given, sorted by argument."""
    fields = []
    for key in sorted(args):
        value = signed_by if key == "signed_by" else args[key]
        if value is None or key in ("mode", "state"):
            continue
        fields.append(f"{_field(key)}:{_value(value)}\n")
    return "".join(fields)


def _field(key: str) -> str:
    return {"name": "X-Repolib-Name", "uris": "URIs"}.get(key, key.replace("_", "-").title())


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return " yes" if value else " no"
    shown = " ".join(value) if isinstance(value, list) else str(value)
    if "\n" not in shown:
        return " " + shown
    rows = [row.strip() or "." for row in shown.strip().splitlines()]
    return "\n" + "\n".join("    " + row for row in rows)


def _key(given: Optional[str], slug: str) -> Tuple[Optional[str], Optional[bytes]]:
    """Return what Signed-By says, and the key to store there when it has to be fetched."""
    if not given or "://" not in given or "\n" in given:
        return given, None
    import urllib.error
    import urllib.request

    try:
        with urllib.request.urlopen(given, timeout=30) as answer:  # noqa: S310 -- asked for
            key = answer.read()
    except (urllib.error.URLError, OSError, ValueError) as error:
        reason = getattr(error, "reason", error)
        raise Failure(f"Could not fetch signed_by key: {given}: {reason}") from None
    ending = "asc" if b"-----BEGIN PGP PUBLIC KEY BLOCK-----" in key else "gpg"
    return os.path.join(KEYRINGS, f"{slug}.{ending}"), key


def _put(call: Call, path: str, content: bytes, mode: Any, out: Dict[str, Any]) -> bool:
    """Bring a file's content and mode into the wanted state; return whether either differed."""
    before = read(path) if os.path.exists(path) else None
    owner = Ownership(mode=mode)
    if before == content:
        return owner.settle(call, path, {})
    if call.diff:
        out["diff"] = content_diff(before or b"", content, header=path)
    if not call.check:
        Replacement(owner).put(call, path, content)
    return True


def _remove(call: Call, slug: str, path: str) -> Dict[str, Any]:
    keys = [os.path.join(KEYRINGS, f"{slug}.{ending}") for ending in ("asc", "gpg")]
    there = [one for one in [path, *keys] if os.path.lexists(one)]
    if not call.check:
        for one in there:
            os.unlink(one)
    return {"changed": bool(there), "dest": path, "key_filename": keys[-1], "repo": None}


MODULE = Deb822Repository
