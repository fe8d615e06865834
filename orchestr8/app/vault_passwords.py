"""Where vault passwords come from: files, programs and prompts, by vault id."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from getpass import GetPassWarning, getpass
from pathlib import Path

from orchestr8.app.password_programs import from_program
from orchestr8.app.settings import Settings
from orchestr8.core.errors import Diagnostic, O8Error
from orchestr8.core.secret import Secret
from orchestr8.core.vaulted import VaultError
from orchestr8.language.vault.envelope import DEFAULT
from orchestr8.language.vault.keyring import Key, Keyring
from orchestr8.language.vault.vault import Vault

PROMPT, ASK = "prompt", "prompt_ask_vault_pass"
UNREADABLE, BAD_ID = "O8-1804", "O8-1805"
Warn = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Source:
    """One `label@source` of `--vault-id`; the label is "" when none was given."""

    label: str
    source: str

    @property
    def asks(self) -> bool:
        """Whether a person is asked."""
        return self.source in (PROMPT, ASK)

    @property
    def known_as(self) -> str:
        """The vault id that its password gets."""
        return self.label or Settings()["VAULT_IDENTITY"] or DEFAULT


def source(written: str) -> Source:
    """Return a vault id as it is given: `label@source` or `source` alone."""
    if ";" in written or "\n" in written:
        message = f"'{written}' is not a valid vault id. The character ';' is not allowed in vault ids"
        raise VaultError(Diagnostic(BAD_ID, message))
    label, sign, place = written.partition("@")
    return Source(label, place) if sign else Source("", written)


def sources(ids: Iterable[str], files: Iterable[str], *, ask: bool) -> tuple[Source, ...]:
    """Return every source in the order of trying: the settings', the ids, the files, the prompt."""
    settings = Settings()
    found = [source(each) for each in settings["VAULT_IDENTITY_LIST"]]
    found += [source(each) for each in ids]
    usual = settings["VAULT_PASSWORD_FILE"]
    found += [Source("", path) for path in (*files, *((usual,) if usual else ()))]
    return (*found, Source("", ASK)) if ask else tuple(found)


def keyring(wanted: Sequence[Source], *, new: bool = False, warn: Warn | None = None) -> Keyring:
    """Return the passwords of sources.

    People are asked now, files have to be there now, programs run when the first password is needed.
    One source that fails is a warning while another one works. `new` has passwords typed twice.
    """
    wanted = [each for each in wanted if each.label != "age"]
    match = Settings()["VAULT_ID_MATCH"]
    typed = {each: _asked(each, new=new) for each in wanted if each.asks}
    missing = [_absence(each) for each in wanted]
    if wanted and all(missing):
        raise next(error for error in missing if error)
    return Keyring(lambda: _fetched(wanted, typed, warn or to_standard_error), match_ids=match)


def to_standard_error(text: str) -> None:
    """Write a warning."""
    sys.stderr.write(f"[WARNING]: {text}\n")


def _fetched(wanted: Sequence[Source], typed: dict[Source, Key], warn: Warn) -> list[Key]:
    keys: list[Key] = []
    failures: list[O8Error] = []
    for each in wanted:
        try:
            keys.append(typed.get(each) or _read(each, keys))
        except O8Error as error:
            what = "getting vault password file" if _absence(each) else "in vault password file loading"
            warn(f"Error {what} ({each.label or None}): {error.message}")
            failures.append(error)
    if failures and not keys:
        raise failures[-1]
    return keys


def _absence(wanted: Source) -> VaultError | None:
    if wanted.asks:
        return None
    path = _path(wanted)
    if not os.path.exists(path):
        return _unreadable(f"The vault password file {path} was not found")
    if os.path.isdir(path):
        return _unreadable(f"The vault password file provided '{path}' can not be a directory")
    return None


def _path(wanted: Source) -> str:
    return os.path.abspath(os.path.expanduser(wanted.source))


def _unreadable(message: str) -> VaultError:
    return VaultError(Diagnostic(UNREADABLE, message))


def _read(wanted: Source, known: Sequence[Key]) -> Key:
    """Return the password of a file or program; a file may be encrypted by a password before it."""
    if (absence := _absence(wanted)) is not None:
        raise absence
    path = _path(wanted)
    if os.access(path, os.X_OK):
        return Key(wanted.known_as, _password(from_program(path, wanted.label), path, "script"))
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise _unreadable(f"Could not read vault password file '{path}': {error.strerror}") from None
    content = Vault(Keyring(known)).content(data.strip(), path)
    return Key(wanted.known_as, _password(content.strip(), path, "file"))


def _password(data: bytes, path: str, kind: str) -> Secret:
    if not data:
        raise _unreadable(f"Invalid vault password was provided from {kind} ({path}): it is empty")
    return Secret(data.decode("utf-8", "surrogateescape"))


def _asked(wanted: Source, *, new: bool) -> Key:
    label = wanted.known_as
    first, again = "Vault password", ""
    if new:
        first = "New Vault password" if wanted.source == ASK else "New vault password"
        again = f"Confirm {first[0] if wanted.source == ASK else first[0].lower()}{first[1:]}"
    which = "" if wanted.source == ASK else f" ({label})"
    password = _typed(f"{first}{which}: ")
    if not password:
        raise _unreadable("Invalid vault password was provided: it is empty")
    if again and _typed(f"{again}{which}: ") != password:
        raise _unreadable("Passwords do not match")
    return Key(label, Secret(password))


def _typed(prompt: str) -> str:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", GetPassWarning)
            return getpass(prompt).strip("\r\n")
    except EOFError:
        raise _unreadable("a vault password is needed, and nobody is there to type it") from None
