"""openssh_keypair: has a pair of SSH keys on the host."""

import os
from typing import Any, Dict, List

from orchestr8.remote.files import read
from orchestr8.remote.module import Arg, Call, Failure, Module
from orchestr8.remote.ownership import FILE_ARGS, ownership
from orchestr8.remote.process import run, text
from orchestr8.remote.programs import must, required

_SIZES = {"rsa": 4096, "dsa": 1024, "ecdsa": 256, "rsa1": 2048, "ed25519": 256}
_KEPT = "never fail partial_idempotence full_idempotence always"


class OpensshKeypair(Module):
    """Makes a pair of SSH keys by the host's ssh-keygen, or removes it."""

    name = "openssh_keypair"
    args = dict(
        FILE_ARGS,
        state=Arg("str", "Whether the pair is there.", default="present", choices=["present", "absent"]),
        size=Arg("int", "Bits of the private key."),
        type=Arg(
            "str", "Kind of the key.", default="rsa", choices=["rsa", "dsa", "rsa1", "ecdsa", "ed25519"]
        ),
        force=Arg("bool", "Make a new pair even if there is one.", default=False),
        path=Arg("path", "The private key; the public one has .pub after its name.", required=True),
        comment=Arg("str", "Comment of the public key."),
        passphrase=Arg("str", "Passphrase of the private key.", secret=True),
        private_key_format=Arg(
            "str", "Format of the private key.", default="auto", choices=["auto", "pkcs1", "pkcs8", "ssh"]
        ),
        backend=Arg(
            "str",
            "Accepted; ssh-keygen makes the keys.",
            default="auto",
            choices=["auto", "cryptography", "opensshbin"],
        ),
        regenerate=Arg(
            "str",
            "When a pair that is there is replaced.",
            default="partial_idempotence",
            choices=_KEPT.split(),
        ),
    )

    def run(self, call: Call) -> Dict[str, Any]:
        """Compare and repair."""
        path = call["path"]
        if os.path.isdir(path):
            raise Failure(f"{path} is a directory. Please specify a path to a file.")
        if call["state"] == "absent":
            there = [one for one in (path, path + ".pub") if os.path.lexists(one)]
            for one in there if not call.check else []:
                os.unlink(one)
            return {"changed": bool(there), "filename": path}
        pair = _Pair(call)
        changed = pair.settle()
        changed = ownership(call).settle(call, path) or changed
        return {"changed": changed, "filename": path, "size": pair.size, "type": call["type"], **pair.shown()}


class _Pair:
    """A private key and its public half."""

    def __init__(self, call: Call) -> None:
        self.call = call
        self.path = str(call["path"])
        self.size = call["size"] or _SIZES[call["type"]]
        self.program = required("ssh-keygen", "openssh-client")
        self._phrase = ["-P", call["passphrase"] or ""]

    def settle(self) -> bool:
        """Make what is missing or wrong; return whether anything was."""
        if self._must_make():
            if not self.call.check:
                self._make()
            return True
        public = self._public()
        now = self._stored()
        wanted = public if self.call["comment"] is None else [*public[:2], self.call["comment"]]
        if now[:2] == wanted[:2] and (self.call["comment"] is None or now[2:] == wanted[2:]):
            return False
        if not self.call.check:
            self._write(wanted)
        return True

    def _must_make(self) -> bool:
        how = self.call["regenerate"]
        if not os.path.exists(self.path) or self.call["force"] or how == "always":
            return True
        if how == "never":
            return False
        done = run([self.program, "-y", *self._phrase, "-f", self.path], parse=True)
        if done.rc and how != "full_idempotence":
            raise Failure(
                "Unable to read the key. The key is protected with a passphrase or broken. "
                "Will not proceed. To force regeneration, call the module with `regenerate` set to "
                "`full_idempotence` or `always`, or with `force=true`."
            )
        fits = not done.rc and self._fits()
        if not fits and how == "fail":
            raise Failure("Key has wrong type and/or size. Will not proceed.")
        return not fits

    def _fits(self) -> bool:
        words = text(run([self.program, "-lf", self.path], parse=True).stdout).split()
        kind = words[-1].strip("()").lower() if words else ""
        return kind == self.call["type"] and words[0] == str(self.size)

    def _make(self) -> None:
        """Make the pair beside the old one, then put both in place."""
        folder = os.path.dirname(self.path) or "."
        if not os.path.isdir(folder):
            raise Failure(f"The directory {folder} does not exist or the file is not a directory")
        temporary = os.path.join(folder, ".o8-" + os.urandom(6).hex())
        words = [
            "-t",
            self.call["type"],
            "-b",
            str(self.size),
            "-C",
            self.call["comment"] or "",
            "-f",
            temporary,
        ]
        formats = {"pkcs1": ["-m", "PEM"], "pkcs8": ["-m", "PKCS8"]}.get(self.call["private_key_format"], [])
        try:
            must(
                [self.program, "-q", "-N", self.call["passphrase"] or "", *formats, *words],
                "Unable to generate the key",
            )
            os.rename(temporary, self.path)
            os.rename(temporary + ".pub", self.path + ".pub")
        finally:
            for name in (temporary, temporary + ".pub"):
                if os.path.lexists(name):
                    os.unlink(name)

    def _public(self) -> List[str]:
        argv = [self.program, "-y", *self._phrase, "-f", self.path]
        return text(must(argv, "Unable to read the private key").stdout).strip().split(" ", 2)

    def _stored(self) -> List[str]:
        path = self.path + ".pub"
        return read(path).decode("utf-8", "replace").strip().split(" ", 2) if os.path.exists(path) else []

    def _write(self, public: List[str]) -> None:
        from orchestr8.remote.files import Replacement

        Replacement().put(self.call, self.path + ".pub", (" ".join(public).strip() + "\n").encode())

    def shown(self) -> Dict[str, Any]:
        """Return what a result says of the pair that is there."""
        stored = self._stored()
        if not stored or not os.path.exists(self.path):
            return {"public_key": "", "fingerprint": "", "comment": self.call["comment"] or ""}
        words = text(run([self.program, "-lf", self.path + ".pub"], parse=True).stdout).split()
        comment = stored[2] if len(stored) > 2 else ""
        fingerprint = words[1] if len(words) > 1 else ""
        return {"public_key": " ".join(stored[:2]), "fingerprint": fingerprint, "comment": comment}


MODULE = OpensshKeypair
