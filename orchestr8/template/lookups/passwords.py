"""Random passwords that are remembered in files."""

from __future__ import annotations

import os
import secrets
import string
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from orchestr8.template.errors import LookupFailed
from orchestr8.template.filters.crypt import crypted
from orchestr8.template.lookup import LookupCall

_NAMED = {
    "ascii_letters": string.ascii_letters,
    "ascii_lowercase": string.ascii_lowercase,
    "ascii_uppercase": string.ascii_uppercase,
    "digits": string.digits,
    "hexdigits": string.hexdigits,
    "punctuation": string.punctuation,
}
_USUAL = ["ascii_letters", "digits", ".,:-_"]


def password(terms: list[Any], call: LookupCall) -> Iterable[str]:
    """Yield the password kept in a file, made up at random and written there the first time."""
    for term in terms:
        path, inline = _split(str(term))
        yield _password(Path(path).expanduser(), {**call.options, **inline}, call)


def _split(term: str) -> tuple[str, dict[str, Any]]:
    parts = term.split()
    options = [part for part in parts[1:] if "=" in part]
    path = " ".join(part for part in parts if part not in options)
    return path, dict(part.split("=", 1) for part in options)


def _password(path: Path, options: dict[str, Any], call: LookupCall) -> str:
    length, seed = int(options.get("length", 20)), options.get("seed")
    alphabet = _alphabet(options.get("chars", _USUAL))
    kind = str(options.get("encrypt") or "")
    if str(path) == "/dev/null":
        made = _made(alphabet, length, seed)
        return _hashed(made, kind, _salt()) if kind else made
    if not path.is_absolute():
        path = Path(str(call.variable("playbook_dir", "."))) / path
    kept = path.read_text("utf-8").rstrip("\n") if path.exists() else ""
    made, _, salt = kept.partition(" salt=") if kept else (_made(alphabet, length, seed), "", "")
    salt = salt or (_salt() if kind else "")
    wanted = f"{made} salt={salt}" if salt else made
    if wanted != kept:
        _keep(path, wanted)
    return _hashed(made, kind, salt) if kind else made


def _salt() -> str:
    return "".join(secrets.choice(string.ascii_letters + string.digits + "./") for _ in range(16))


def _hashed(made: str, kind: str, salt: str) -> str:
    try:
        return crypted(made, kind, salt, None, None)
    except ValueError as failure:
        raise LookupFailed(str(failure)) from None


def _alphabet(wanted: Any) -> str:
    names = wanted.replace(",,", "\0").split(",") if isinstance(wanted, str) else list(wanted)
    parts = [_NAMED.get(str(name), str(name).replace("\0", ",")) for name in names if name != ""]
    return "".join(dict.fromkeys("".join(parts)))


def _made(alphabet: str, length: int, seed: Any) -> str:
    import random

    source = secrets.SystemRandom() if seed is None else random.Random(seed)  # noqa: S311
    return "".join(source.choice(alphabet) for _ in range(length))


def _keep(path: Path, made: str) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(made + "\n")
    beside.replace(path)


NAMES = {"password": password}
