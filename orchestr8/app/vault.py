"""What `o8 vault` does to files and texts."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from orchestr8.app import private_files
from orchestr8.app.age_keys import identities
from orchestr8.app.settings import Settings
from orchestr8.app.vault_passwords import ASK, BAD_ID, Source, keyring, source, sources
from orchestr8.core.errors import Diagnostic, InvalidInput, O8Error
from orchestr8.core.span import Span
from orchestr8.core.vaulted import MARK, VaultError, is_age, is_encrypted, is_sops
from orchestr8.language.vault.age import Identities
from orchestr8.language.vault.keyring import Key, Keyring
from orchestr8.language.vault.vault import Opened, Vault
from orchestr8.template.secrets import Redactor

UNSUITABLE = "O8-1806"
_INDENT = " " * 10


@dataclass(frozen=True, slots=True)
class Passwords:
    """Where passwords come from, as options say."""

    ids: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    ask: bool = False

    def sources(self) -> tuple[Source, ...]:
        """Return every source; without any, people are asked."""
        return sources(self.ids, self.files, ask=self.ask) or (Source("", ASK),)


def opening(passwords: Passwords, names: Iterable[str] = ()) -> Vault:
    """Return what opens files; no password is asked for when all that are named are of age or SOPS."""
    found = passwords.sources()
    if names and all(_is_foreign(name) for name in names):
        found = tuple(each for each in found if each.source != ASK)
    return Vault(keyring(found), identities=_identities(found))


def _identities(found: Sequence[Source]) -> Identities:
    return Identities(lambda: identities(found))


def _is_foreign(name: str) -> bool:
    if name == "-":
        return False
    data = private_files.read(name)
    return is_age(data) or is_sops(data)


def sealing(passwords: Passwords, wanted: str | None) -> Key:
    """Return the key that encrypts; raise VaultError when it is not clear which."""
    wanted = wanted or Settings()["VAULT_ENCRYPT_IDENTITY"]
    return _key_for(keyring(passwords.sources(), new=True), wanted)


def rekeying(passwords: Passwords, new_id: str | None, new_file: str | None, wanted: str | None) -> Key:
    """Return the key that files get instead of their own."""
    wanted = wanted or Settings()["VAULT_ENCRYPT_IDENTITY"]
    found = list(passwords.sources()) if wanted and not (new_id or new_file) else []
    found += [source(new_id)] if new_id else []
    found += [Source("", new_file)] if new_file else []
    return _key_for(keyring(found or [Source("", ASK)], new=True), wanted, one=False)


def _key_for(ring: Keyring, wanted: str | None, *, one: bool = True) -> Key:
    keys = ring.keys
    labels = [key.label for key in keys]
    if wanted is None:
        if one and len(keys) > 1:
            message = f"The vault-ids {','.join(labels)} are available to encrypt"
            hint = "specify the vault-id to encrypt with --encrypt-vault-id"
            raise VaultError(Diagnostic(BAD_ID, message, hint=hint))
        return keys[0]
    for key in keys:
        if key.label == wanted:
            return key
    message = f"Did not find a match for --encrypt-vault-id={wanted} in the known vault-ids {labels}"
    raise VaultError(Diagnostic(BAD_ID, message))


def seal(data: bytes, key: Key) -> str:
    """Return data encrypted; ANSIBLE_VAULT_ENCRYPT_SALT makes it the same every time."""
    salt = os.environ.get("ANSIBLE_VAULT_ENCRYPT_SALT")
    return Vault().seal_bytes(data, key, salt.encode() if salt else None)


def encrypt_file(name: str, key: Key, output: str | None) -> None:
    """Put a file's content, encrypted, in its place or in `output`."""
    data = private_files.read(name)
    if is_encrypted(data):
        raise VaultError(Diagnostic(UNSUITABLE, f"input is already encrypted: {name}"))
    private_files.write(output or name, seal(data, key).encode())


def decrypt_file(name: str, vault: Vault, output: str | None) -> None:
    """Put a file's content, decrypted, in its place or in `output`."""
    private_files.write(output or name, _opened(name, private_files.read(name), vault).plaintext)


def plaintext(name: str, vault: Vault) -> bytes:
    """Return what an encrypted file holds."""
    if _is_foreign(name):
        return vault.content(private_files.read(name), name)
    return _opened(name, private_files.read(name), vault).plaintext


def rekey_file(name: str, vault: Vault, key: Key) -> None:
    """Encrypt a file anew; mode and owner stay."""
    data = private_files.read(name)
    sealed = seal(_opened(name, data, vault).plaintext, key)
    private_files.write(name, sealed.encode(), like=os.stat(name) if name != "-" else None)


def _opened(name: str, data: bytes, vault: Vault) -> Opened:
    place = Span("<stdin>" if name == "-" else name, 1, 1, len(MARK))
    if not is_encrypted(data):
        raise VaultError(Diagnostic(UNSUITABLE, "input is not vault encrypted data", place))
    return vault.open(data, place)


def create_file(name: str, key: Key) -> None:
    """Have a new file written in an editor, and keep it encrypted."""
    if os.path.lexists(name):
        message = f"{name} exists, please use 'edit' instead"
        raise VaultError(Diagnostic(UNSUITABLE, message))
    os.makedirs(os.path.dirname(os.path.abspath(name)), mode=0o700, exist_ok=True)
    private_files.write(name, seal(_edited(name, b""), key).encode())


def edit_file(name: str, vault: Vault) -> bool:
    """Have a file changed in an editor; vault id, mode and owner stay; return whether it changed."""
    before = os.stat(name) if os.path.exists(name) else None
    found = _opened(name, private_files.read(name), vault)
    changed = _edited(name, found.plaintext)
    if changed == found.plaintext:
        return False
    key = replace(found.key, label=found.label)
    private_files.write(name, seal(changed, key).encode(), like=before)
    return True


def _edited(name: str, data: bytes) -> bytes:
    command = shlex.split(Settings()["EDITOR"] or os.environ.get("EDITOR") or "vi") or ["vi"]
    with private_files.workplace(name, data) as path:
        try:
            code = subprocess.run([*command, path], check=False).returncode
        except OSError as error:
            raise _editor_failed(f"cannot run the editor {command[0]}: {error.strerror}") from None
        if code:
            raise _editor_failed(f"the editor {command[0]} ended with {code}; nothing was changed")
        return private_files.read(path)


def _editor_failed(message: str) -> O8Error:
    return InvalidInput(Diagnostic("O8-1807", message, hint="set EDITOR to the editor you want"))


def as_yaml(sealed: str, name: str | None) -> str:
    """Return an encrypted text as a YAML value to paste into a file."""
    head = f"{name}: !vault |" if name else "!vault |"
    return "\n".join([head, *(_INDENT + line for line in sealed.splitlines())])


def encrypt_strings(texts: Iterable[tuple[str | None, bytes]], key: Key) -> str:
    """Return texts (with their names) encrypted, as YAML."""
    found: Sequence[str] = [as_yaml(seal(text, key), name) for name, text in texts]
    return "\n".join([*found, ""])


def run_vault(passwords: Passwords, redactor: Redactor) -> Vault:
    """Return what opens the encrypted files and values of a run; programs run when they are needed.

    Whatever it opens, the redactor knows.
    """
    found = sources(passwords.ids, passwords.files, ask=passwords.ask)
    return Vault(keyring(found), redactor.learn, _identities(found))
