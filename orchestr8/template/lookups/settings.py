"""The lookup of Ansible's settings that have an equal here, from the environment or by their defaults."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from typing import Any

from orchestr8.template.errors import LookupFailed
from orchestr8.template.lookup import LookupCall
from orchestr8.template.run import ABSENT

_TRUE = ("1", "true", "yes", "on", "t", "y")
_HOME = os.path.expanduser("~/.ansible")
_ROLES = ("/usr/share/ansible/roles", "/etc/ansible/roles")
_SETTINGS: dict[str, tuple[str, Any]] = {
    "ALLOW_BROKEN_CONDITIONALS": ("ALLOW_BROKEN_CONDITIONALS", False),
    "ANSIBLE_HOME": ("HOME", _HOME),
    "ANY_ERRORS_FATAL": ("ANY_ERRORS_FATAL", False),
    "COLLECTIONS_PATHS": ("COLLECTIONS_PATH", [f"{_HOME}/collections", "/usr/share/ansible/collections"]),
    "DEFAULT_BECOME": ("BECOME", False),
    "DEFAULT_BECOME_METHOD": ("BECOME_METHOD", "sudo"),
    "DEFAULT_BECOME_USER": ("BECOME_USER", "root"),
    "DEFAULT_FORCE_HANDLERS": ("FORCE_HANDLERS", False),
    "DEFAULT_FORKS": ("FORKS", 50),
    "DEFAULT_GATHERING": ("GATHERING", "implicit"),
    "DEFAULT_HASH_BEHAVIOUR": ("HASH_BEHAVIOUR", "replace"),
    "DEFAULT_HOST_LIST": ("INVENTORY", ["/etc/ansible/hosts"]),
    "DEFAULT_JINJA2_NATIVE": ("JINJA2_NATIVE", True),
    "DEFAULT_MANAGED_STR": ("MANAGED_STR", "Ansible managed"),
    "DEFAULT_POLL_INTERVAL": ("POLL_INTERVAL", 15),
    "DEFAULT_REMOTE_PORT": ("REMOTE_PORT", None),
    "DEFAULT_REMOTE_USER": ("REMOTE_USER", None),
    "DEFAULT_ROLES_PATH": (
        "ROLES_PATH",
        [f"{_HOME}/roles", *_ROLES],
    ),
    "DEFAULT_STRATEGY": ("STRATEGY", "linear"),
    "DEFAULT_TIMEOUT": ("TIMEOUT", 10),
    "ERROR_ON_MISSING_HANDLER": ("ERROR_ON_MISSING_HANDLER", True),
    "HOST_KEY_CHECKING": ("HOST_KEY_CHECKING", True),
    "INJECT_FACTS_AS_VARS": ("INJECT_FACT_VARS", True),
    "INTERPRETER_PYTHON": ("PYTHON_INTERPRETER", "auto"),
    "DEFAULT_PRIVATE_ROLE_VARS": ("PRIVATE_ROLE_VARS", False),
    "PRIVATE_ROLE_VARS": ("PRIVATE_ROLE_VARS", False),
}


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
    of_plugin = _PLUGINS.get(kind, {})
    for term in terms:
        if not isinstance(term, str):
            raise LookupFailed(f'Invalid setting identifier, "{term}" is not a string, it is a {type(term)}')
        if term in of_plugin:
            yield of_plugin[term]
        elif term in _SETTINGS:
            yield _value(term, call)
        elif missing == "error":
            raise LookupFailed(f"No config definition exists for {term!r}.")
        elif missing == "warn":
            sys.stderr.write(f"[WARNING]: Skipping, did not find setting {term!r}\n")


def _value(term: str, call: LookupCall) -> Any:
    name, usual = _SETTINGS[term]
    known = call.variable("ansible_forks") if name == "FORKS" else ABSENT
    written = os.environ.get(f"ORCHESTR8_{name}") or os.environ.get(f"ANSIBLE_{name}")
    if known not in (ABSENT, None):
        return known
    if written is None:
        return usual
    if isinstance(usual, bool):
        return written.strip().lower() in _TRUE
    if isinstance(usual, list):
        return [part for part in written.replace(",", os.pathsep).split(os.pathsep) if part]
    return int(written) if isinstance(usual, int) else written


NAMES = {"config": config}
