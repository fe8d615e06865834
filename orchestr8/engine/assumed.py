"""What templates see of a host's connection where no variable says it, as Ansible shows it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from orchestr8.core.secret import Secret
from orchestr8.engine.options import RunOptions

_UNSHOWN = frozenset(("ansible_python_interpreter", "ansible_host_key_checking", "ansible_ssh_args"))
"""What settings say of connections and templates do not see, as in Ansible: roles ask for it."""


class Assumed(dict[str, Any]):
    """A layer of variables for templates alone: nothing is reached by what it says."""

    def learn(self, tables: Mapping[str, Mapping[str, Any]]) -> None:
        """Take over variables that are tables, each beside what it holds already."""
        for name, table in tables.items():
            self[name] = {**self.get(name, {}), **table}


def assumed(options: RunOptions) -> Assumed:
    """Return what holds for every connection: what the options say, else what is usual."""
    usual = {"ansible_connection": "ssh", "ansible_timeout": 10, "ansible_shell_executable": "/bin/sh"}
    given = {
        name: value
        for name, value in options.connection_vars.items()
        if not isinstance(value, Secret) and name not in _UNSHOWN
    }
    return Assumed(usual | given)
