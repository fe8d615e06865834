"""What opens the encrypted files and values of a run, and keeps what they held out of every report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from orchestr8.app.request import FleetRequest
from orchestr8.app.settings import Settings
from orchestr8.core.errors import Diagnostic
from orchestr8.core.event import Event
from orchestr8.core.outcome import Outcome
from orchestr8.core.vaulted import Opener, Unvaulted, Vaulted
from orchestr8.engine.ports import Sink
from orchestr8.language.files import Files
from orchestr8.template.secrets import Redactor

_SETTINGS = ("VAULT_IDENTITY_LIST", "VAULT_PASSWORD_FILE", "ASK_VAULT_PASS")
_STRUCTURE = frozenset(
    ("key", "host", "hosts", "delegate", "action", "kind", "run", "service", "tallies", "code", "severity")
)


class RunVault:
    """The vault of a run; loaded when something encrypted is met, unless a password has to be asked for."""

    def __init__(self, request: FleetRequest, redactor: Redactor) -> None:
        self._request = request
        self._redactor = redactor
        self._opener: Opener | None = None
        if request.vault_ids or request.vault_password_files or request.ask_vault_pass or _named():
            self._vault()

    def _vault(self) -> Opener:
        if self._opener is None:
            from orchestr8.app.vault import Passwords, run_vault

            asked = self._request
            ask = asked.ask_vault_pass or Settings()["ASK_VAULT_PASS"]
            passwords = Passwords(asked.vault_ids, asked.vault_password_files, ask)
            self._opener = run_vault(passwords, self._redactor)
        return self._opener

    def reveal(self, value: Vaulted) -> Unvaulted:
        """Return the plaintext of a value; raise VaultError with its place."""
        return self._vault().reveal(value)

    def content(self, data: bytes, file: str) -> bytes:
        """Return a file's content, decrypted when it is encrypted; raise VaultError."""
        return self._vault().content(data, file)

    def with_password(self, text: str, password: str, label: str) -> str:
        """Return the plaintext of a text that a given password opens; raise VaultError."""
        return self._vault().with_password(text, password, label)

    def seal(self, text: str, password: str, label: str, salt: str | None = None) -> str:
        """Return a text encrypted by a given password."""
        return self._vault().seal(text, password, label, salt)


def _named() -> bool:
    settings = Settings()
    return any(map(settings.__getitem__, _SETTINGS))


@dataclass(frozen=True)
class Secrets:
    """A run's vault, and the redactor that knows what it opened."""

    vault: Opener
    redactor: Redactor = field(default_factory=Redactor)

    def files(self) -> Files:
        """Return the cache of files that opens encrypted ones."""
        return Files(self.vault, self.redactor.learn_all, Settings()["DUPLICATE_YAML_DICT_KEY"])


def secrets(request: FleetRequest) -> Secrets:
    """Return how what is encrypted is opened; asks for passwords where that was wanted."""
    redactor = Redactor()
    return Secrets(RunVault(request, redactor), redactor)


@dataclass(frozen=True)
class Masked:
    """Passes events on with every known secret masked."""

    sink: Sink
    redactor: Redactor

    def emit(self, event: Event) -> None:
        """Pass an event on."""
        self.sink.emit(_masked(event, self.redactor) if self.redactor else event)


def _masked(value: Any, redactor: Redactor) -> Any:
    """Return an event, or what it tells, without secrets; names by which reporters find things stay."""
    if isinstance(value, str):
        return redactor.mask(value)
    if isinstance(value, tuple):
        return tuple(_masked(each, redactor) for each in value)
    if isinstance(value, (Mapping, list)):
        return redactor.masked(value)
    if not isinstance(value, (Event, Outcome, Diagnostic)):
        return value
    told = {f.name: getattr(value, f.name) for f in fields(value) if f.name not in _STRUCTURE}
    return replace(value, **{name: _masked(each, redactor) for name, each in told.items()})
