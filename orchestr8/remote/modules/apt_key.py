"""apt_key: manages the keys that apt trusts."""

import glob
import os
from typing import Any, Dict, List

from orchestr8.remote.files import Replacement, read
from orchestr8.remote.http_request import HTTP_ARGS, request
from orchestr8.remote.module import Arg, Call, Failure, Module
from orchestr8.remote.openpgp import Key, is_named, keys
from orchestr8.remote.ownership import Ownership

TRUSTED, FOLDER = "/etc/apt/trusted.gpg", "/etc/apt/trusted.gpg.d"


class AptKey(Module):
    """Adds a key to what apt trusts, or removes one."""

    name = "apt_key"
    args = {
        "id": Arg("str", "The key: the last 8 or more digits of its fingerprint."),
        "data": Arg("str", "The key itself."),
        "file": Arg("path", "A file on the host that holds it."),
        "keyring": Arg("path", "The keyring, in place of the one of all trusted keys."),
        "url": Arg("str", "An address to fetch it from."),
        "keyserver": Arg("str", "A key server to fetch it from, by its id."),
        "state": Arg("str", "Whether it is trusted.", default="present", choices=["absent", "present"]),
        "validate_certs": Arg("bool", "Check the certificate of an https address.", default=True),
    }
    exclusive = (("data", "file", "keyserver", "url"),)

    def run(self, call: Call) -> Dict[str, Any]:
        """Compare the keyrings with the wanted key, and add or remove it."""
        rings = [call["keyring"]] if call["keyring"] else [TRUSTED, *_kept()]
        there = {ring: keys(read(ring)) for ring in rings if os.path.exists(ring)}
        before = [key for found in there.values() for key in found]
        names = [call["id"]] if call["id"] else []
        out: Dict[str, Any] = {"changed": False, "before": _short(before), "after": _short(before)}
        if call["state"] == "absent":
            _absent(call, there, names or [key.fingerprint for key in _source(call)], out)
        elif not names or not any(is_named(key, names[0]) for key in before):
            _present(call, rings[0], before, out)
        if names:
            plain = names[0].upper().replace(" ", "")
            out.update(id=names[0], key_id=plain, fp=plain[-16:], short_id=plain[-8:])
        return out


def _kept() -> List[str]:
    return sorted(glob.glob(os.path.join(FOLDER, "*.gpg")) + glob.glob(os.path.join(FOLDER, "*.asc")))


def _short(found: List[Key]) -> List[str]:
    return [key.fingerprint[-16:] for key in found]


def _present(call: Call, ring: str, before: List[Key], out: Dict[str, Any]) -> None:
    if call.check and call["id"]:
        out["changed"] = True
        return
    given = _source(call)
    if call["id"] and not any(is_named(key, call["id"]) for key in given):
        raise Failure("key does not seem to have been added", id=call["id"], found=_short(given))
    known = {key.fingerprint for key in before}
    new = [key for key in given if key.fingerprint not in known]
    if not new:
        return
    out.update(changed=True, after=_short([*before, *new]))
    if not call.check:
        now = keys(read(ring)) if os.path.exists(ring) else []
        _store(call, ring, [*now, *new])


def _absent(call: Call, there: Dict[str, List[Key]], names: List[str], out: Dict[str, Any]) -> None:
    stay: List[Key] = []
    for ring, found in there.items():
        kept = [key for key in found if not any(is_named(key, name) for name in names)]
        stay += kept
        if len(kept) != len(found):
            out["changed"] = True
            if not call.check:
                _store(call, ring, kept)
    out["after"] = _short(stay)


def _store(call: Call, ring: str, kept: List[Key]) -> None:
    if not kept:
        os.unlink(ring)
        return
    if ring.endswith(".asc"):
        raise Failure(f"{ring} is armoured and holds several keys; remove the file or split it", keyring=ring)
    os.makedirs(os.path.dirname(ring), exist_ok=True)
    owner = None if os.path.exists(ring) else Ownership(mode=0o644)
    Replacement(owner).put(call, ring, b"".join(key.data for key in kept))


def _source(call: Call) -> List[Key]:
    if call["data"]:
        data = call["data"].encode("utf-8", "surrogateescape")
    elif call["file"]:
        data = read(call["file"])
    elif call["url"] or call["keyserver"]:
        data = _fetched(call, call["url"] or _lookup(call))
    else:
        raise Failure("one of data, file, keyserver, url, or id of a key that is there is required")
    found = keys(data)
    if not found:
        raise Failure("there is no key in what was given")
    return found


def _lookup(call: Call) -> str:
    """Return the address under which a key server gives a key (the HKP protocol)."""
    if not call["id"]:
        raise Failure("keyserver needs the id of the key")
    server = call["keyserver"].rstrip("/")
    for scheme, web in (("hkps://", "https://"), ("hkp://", "http://")):
        if server.startswith(scheme):
            port = ":11371" if scheme == "hkp://" and ":" not in server[len(scheme) :] else ""
            server = web + server[len(scheme) :] + port
    if "://" not in server:
        server = "https://" + server
    digits = call["id"].upper().replace(" ", "")
    return (
        f"{server}/pks/lookup?op=get&options=mr&search=0x{digits[2:] if digits.startswith('0X') else digits}"
    )


def _fetched(call: Call, url: str) -> bytes:
    args = {name: arg.default for name, arg in HTTP_ARGS.items()}
    args.update(url=url, validate_certs=call["validate_certs"], timeout=30)
    answer = request(Call(args, environ=call.environ), "GET")
    if answer.status != 200:
        raise Failure(f"Failed to download key at {url}: {answer.msg}", status_code=answer.status)
    return bytes(answer.stream(decompress=True).read())


MODULE = AptKey
