"""Filters that encrypt and decrypt texts with a password of their own."""

from __future__ import annotations

from typing import Any

from jinja2 import pass_context

from orchestr8.core.secret import Secret
from orchestr8.core.vaulted import MARK, Unvaulted, Vaulted
from orchestr8.template.guard import first_missing, takes_missing
from orchestr8.template.undefined import Undecryptable

_LABEL = "filter_default"


@pass_context
def vault(
    context: Any,
    data: Any,
    secret: Any,
    salt: Any = None,
    vault_id: str = _LABEL,
    wrap_object: bool = False,  # noqa: FBT001, FBT002
) -> Any:
    """Return a text encrypted by a password; `wrap_object` makes it a value as `!vault` does."""
    _texts(secret=secret, data=data)
    salted = None if salt is None else str(salt)
    sealed = context.run.templar.vault.seal(_shown(data), _shown(secret), vault_id, salted)
    return Unvaulted(_shown(data), Vaulted(sealed)) if wrap_object else sealed


@pass_context
@takes_missing
def unvault(context: Any, vault: Any, secret: Any, vault_id: str = _LABEL) -> Any:
    """Return what an encrypted text or value holds, opened by a password."""
    if isinstance(vault, Undecryptable):
        vault = vault.vaulted.text
    elif isinstance(vault, Unvaulted):
        vault = vault.source.text
    if (lost := first_missing((vault, secret, vault_id))) is not None:
        return lost
    _texts(secret=secret, vault=vault)
    text = _shown(vault)
    return (
        str(context.run.templar.vault.with_password(text, _shown(secret), vault_id))
        if text.startswith(MARK)
        else text
    )


def _texts(**given: Any) -> None:
    for name, value in given.items():
        if not isinstance(value, (str, bytes, Secret)):
            raise TypeError(f"`{name}` has to be a text, not {type(value)}")


def _shown(value: Any) -> str:
    if isinstance(value, Secret):
        return value.reveal()
    return value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else str(value)


NAMES: dict[str, Any] = {"vault": vault, "unvault": unvault}
