"""Where age identities come from: the places that SOPS looks at, and vault ids `age@FILE`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from orchestr8.app.vault_passwords import Source
from orchestr8.core.errors import Diagnostic
from orchestr8.core.secret import Secret
from orchestr8.core.vaulted import VaultError

LABEL = "age"
"""The vault id whose file holds age identities and no password."""


def identities(sources: Sequence[Source]) -> tuple[Secret, ...]:
    """Return the texts of all files of identities, and what SOPS_AGE_KEY says; raise VaultError."""
    found = [_read(each.source) for each in sources if each.label == LABEL]
    if said := os.environ.get("SOPS_AGE_KEY"):
        found.append(Secret(said))
    named = (os.environ.get(name) for name in ("SOPS_AGE_KEY_FILE", "SOPS_AGE_SSH_PRIVATE_KEY_FILE"))
    found += [_read(path) for path in named if path]
    home = os.environ.get("XDG_CONFIG_HOME") or "~/.config"
    usual = os.path.expanduser(os.path.join(home, "sops", "age", "keys.txt"))
    return (*found, _read(usual)) if os.path.isfile(usual) else tuple(found)


def _read(name: str) -> Secret:
    try:
        return Secret(Path(name).expanduser().read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not a text"
        raise VaultError(
            Diagnostic("O8-1804", f"cannot read the age identities in {name}: {reason}")
        ) from None
