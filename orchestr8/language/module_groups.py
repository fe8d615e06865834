"""Groups of modules that `module_defaults` may name: `group/NAME`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from orchestr8.language.findings import Findings
from orchestr8.language.schema import key_place

_KIND = "group/"
_OWN = ("acme", "aws", "azure", "cpm", "docker", "gcp", "k8s", "os", "ovirt", "vmware")
"""What a group may be called without its collection, as in Ansible."""
_BUILTIN = ("ansible.builtin.", "ansible.legacy.")
_BEGINNINGS = {
    "docker": "docker_",
    "community.docker.docker": "docker_",
    "community.mysql.all": "mysql_",
    "community.postgresql.all": "postgresql_",
}
"""What the names of the modules of a group begin with."""


def holds(written: str, module: str) -> bool:
    """Return whether `group/NAME` names a group that a module belongs to."""
    name = str(written)
    return name.startswith(_KIND) and module.startswith(_BEGINNINGS.get(name.removeprefix(_KIND), " "))


def check(values: Mapping[str, Any], findings: Findings) -> None:
    """Note groups that nobody knows; those of other collections may exist where these are installed."""
    for layer in values.get("module_defaults", ()):
        for written in layer if isinstance(layer, Mapping) else ():
            name = str(written).removeprefix(_KIND)
            for prefix in _BUILTIN:
                name = name.removeprefix(prefix)
            if str(written).startswith(_KIND) and "." not in name and name not in _OWN:
                message = f"`module_defaults` knows no group `{name}`"
                findings.unknown("O8-1104", message, name, _OWN, key_place(layer, written))
