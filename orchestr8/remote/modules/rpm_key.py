"""rpm_key: manages the keys that rpm trusts."""

import os
import tempfile
from typing import Any, Dict, List

from orchestr8.remote.files import read
from orchestr8.remote.http_request import HTTP_ARGS, request
from orchestr8.remote.module import Arg, Call, Failure, Module
from orchestr8.remote.openpgp import Key, is_named, keys
from orchestr8.remote.process import run, text
from orchestr8.remote.programs import must, required


class RpmKey(Module):
    """Adds a key to what rpm trusts, or removes one."""

    name = "rpm_key"
    args = {
        "key": Arg("str", "An address, a file on the host, or the id of a key that is there.", required=True),
        "state": Arg("str", "Whether it is trusted.", default="present", choices=["absent", "present"]),
        "validate_certs": Arg("bool", "Check the certificate of an https address.", default=True),
        "fingerprint": Arg("list", "Fingerprints that the key must have.", elements="str"),
    }

    def run(self, call: Call) -> Dict[str, Any]:
        """Compare rpm's keys with the wanted one."""
        program = required("rpm", "rpm")
        name, state = call["key"], call["state"]
        data = _data(call)
        wanted = keys(data) if data else []
        _verified(call, wanted)
        ids = [key.fingerprint[-8:].lower() for key in wanted] or [name.lower().replace("0x", "")[-8:]]
        there = text(run([program, "-q", "gpg-pubkey"], parse=True).stdout).split()
        found = [label for label in there if label.split("-")[2] in ids]
        if state == "absent":
            if found and not call.check:
                must([program, "--erase", "--allmatches", *found], "rpm cannot remove the key")
            return {"changed": bool(found)}
        if len(found) >= len(ids):
            return {"changed": False}
        if not data:
            raise Failure("When importing a key, a valid URL or file must be given")
        if not call.check:
            _import(program, data)
        return {"changed": True}


def _data(call: Call) -> bytes:
    name = call["key"]
    if "://" in name:
        args = {key: arg.default for key, arg in HTTP_ARGS.items()}
        args.update(url=name, validate_certs=call["validate_certs"], timeout=30)
        answer = request(Call(args, environ=call.environ), "GET")
        if answer.status != 200:
            raise Failure(f"failed to fetch key at {name}: {answer.msg}", status_code=answer.status)
        return bytes(answer.stream(decompress=True).read())
    return read(name) if os.path.isfile(name) else b""


def _verified(call: Call, wanted: List[Key]) -> None:
    given = [one.replace(" ", "").upper() for one in call["fingerprint"] or []]
    if given and not all(any(is_named(key, one) for one in given) for key in wanted):
        shown = ", ".join(key.fingerprint for key in wanted)
        raise Failure(f"The specified fingerprint, '{', '.join(given)}', does not match any key: {shown}")


def _import(program: str, data: bytes) -> None:
    with tempfile.NamedTemporaryFile(suffix=".asc") as stream:
        stream.write(data)
        stream.flush()
        must([program, "--import", stream.name], "rpm cannot import the key")


MODULE = RpmKey
