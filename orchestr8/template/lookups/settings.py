"""The lookup of Ansible's settings that have an equal here."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any

from orchestr8.template.errors import LookupFailed
from orchestr8.template.lookup import LookupCall

_RENAMED = {
    "COLLECTIONS_PATHS": "COLLECTIONS_PATH",
    "ANSIBLE_HOME": "HOME",
    "DEFAULT_FACT_CACHE": "CACHE_PLUGIN_CONNECTION",
    "DEFAULT_HOST_LIST": "INVENTORY",
    "INTERPRETER_PYTHON": "PYTHON_INTERPRETER",
}
"""Names of settings that are not `DEFAULT_` and the name here."""

_FIXED: dict[str, Any] = {
    "DEFAULT_JINJA2_NATIVE": True,
    "DEFAULT_POLL_INTERVAL": 15,
    "INJECT_FACTS_AS_VARS": True,
}
"""What cannot be set here and is always so."""

_UNSET: dict[str, Any] = {
    "BECOME_METHOD": "sudo",
    "BECOME_USER": "root",
    "HOST_KEY_CHECKING": True,
    "INVENTORY": ["/etc/ansible/hosts"],
    "PRIVATE_ROLE_VARS": False,
    "PYTHON_INTERPRETER": "auto",
    "TIMEOUT": 10,
}
"""What Ansible has where nothing is set and where that is nothing here."""

_PLUGINS: dict[tuple[str, str], dict[str, str]] = {
    ("become", "sudo"): {"become_user": "root", "become_exe": "sudo", "become_flags": "-H -S -n"},
    ("become", "su"): {"become_user": "root", "become_exe": "su", "become_flags": ""},
}
"""Settings of what Ansible has as plugins, by kind and name."""


def config(terms: list[Any], call: LookupCall) -> Iterable[Any]:
    """Yield settings; `on_missing` says what to do about one that nobody knows."""
    missing = str(call.option("on_missing", "error"))
    if missing not in ("error", "skip", "warn"):
        raise LookupFailed(f"Invalid value {missing!r} for `on_missing`; it is one of error, skip, warn")
    kind = (str(call.option("plugin_type")), str(call.option("plugin_name")))
    known = {**_FIXED, **_PLUGINS.get(kind, {})}
    for term in terms:
        if not isinstance(term, str):
            raise LookupFailed(f'Invalid setting identifier, "{term}" is not a string, it is a {type(term)}')
        try:
            yield known[term] if term in known else _value(term, call)
        except KeyError:
            if missing == "error":
                raise LookupFailed(f"No config definition exists for {term!r}.") from None
            if missing == "warn":
                sys.stderr.write(f"[WARNING]: Skipping, did not find setting {term!r}\n")


def _value(term: str, call: LookupCall) -> Any:
    """Return a setting as the run has it; raise KeyError when there is none of that name."""
    name = _RENAMED.get(term, term.removeprefix("DEFAULT_"))
    try:
        found = call.run.templar.setting(name)
    except KeyError:
        return _UNSET[name]
    if name == "FORKS":
        return call.variable("ansible_forks") or found
    return _UNSET.get(name, found) if found in (None, "", []) else found


NAMES = {"config": config}
