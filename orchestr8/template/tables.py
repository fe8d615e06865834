"""The tables of filters, tests and lookups: one place that says which function a name stands for.

Functions are imported when their name is first used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from importlib import import_module
from typing import Any

from orchestr8.template.lookup import Lookup

_PREFIXES = (
    "ansible.builtin.",
    "ansible.legacy.",
    "ansible.core.",
    "ansible.utils.",
    "ansible.netcommon.",
    "community.general.",
)

FILTERS: dict[str, tuple[str, ...]] = {
    "paths": (
        "basename",
        "dirname",
        "expanduser",
        "expandvars",
        "realpath",
        "relpath",
        "normpath",
        "path_join",
        "commonpath",
        "splitext",
        "fileglob",
        "win_basename",
        "win_dirname",
        "win_splitdrive",
    ),
    "regexes": ("regex_search", "regex_replace", "regex_findall", "regex_escape"),
    "formats": (
        "to_json",
        "to_nice_json",
        "from_json",
        "to_yaml",
        "to_nice_yaml",
        "from_yaml",
        "from_yaml_all",
        "b64encode",
        "b64decode",
        "to_uuid",
        "urlsplit",
        "urldecode",
    ),
    "digests": ("hash", "checksum", "md5", "sha1", "password_hash"),
    "vaults": ("vault", "unvault"),
    "values": (
        "default",
        "d",
        "mandatory",
        "ternary",
        "bool",
        "type_debug",
        "quote",
        "comment",
        "split",
        "random",
        "shuffle",
        "human_readable",
        "human_to_bytes",
        "extract",
    ),
    "sets": (
        "unique",
        "union",
        "intersect",
        "difference",
        "symmetric_difference",
        "flatten",
        "zip",
        "zip_longest",
        "product",
        "permutations",
        "combinations",
        "min",
        "max",
    ),
    "mappings": (
        "combine",
        "dict2items",
        "items2dict",
        "subelements",
        "rekey_on_member",
    ),
    "numbers": ("log", "pow", "root"),
    "times": ("strftime", "to_datetime"),
    "addresses": (
        "cidr_merge",
        "hwaddr",
        "ip4_hex",
        "ipaddr",
        "ipcut",
        "ipmath",
        "ipsubnet",
        "ipv4",
        "ipv6",
        "ipv6form",
        "ipwrap",
        "macaddr",
        "network_in_network",
        "network_in_usable",
        "next_nth_usable",
        "nthhost",
        "previous_nth_usable",
        "reduce_on_network",
        "slaac",
        "usable_range",
    ),
    "provenance": ("ansible._protomatter.finalize", "ansible._protomatter.origin"),
}
TESTS: dict[str, tuple[str, ...]] = {
    "provenance": ("ansible._protomatter.tagged_with",),
    "results": (
        "changed",
        "change",
        "failed",
        "failure",
        "succeeded",
        "success",
        "successful",
        "skipped",
        "skip",
        "started",
        "finished",
        "reachable",
        "unreachable",
        "timedout",
    ),
    "values": (
        "defined",
        "undefined",
        "truthy",
        "falsy",
        "contains",
        "all",
        "any",
        "subset",
        "issubset",
        "superset",
        "issuperset",
        "nan",
        "isnan",
    ),
    "texts": (
        "match",
        "search",
        "regex",
        "version",
        "version_compare",
        "uri",
        "url",
        "urn",
        "vault_encrypted",
        "vaulted_file",
    ),
    "files": (
        "file",
        "is_file",
        "directory",
        "is_dir",
        "link",
        "is_link",
        "exists",
        "link_exists",
        "mount",
        "is_mount",
        "abs",
        "is_abs",
        "same_file",
        "is_same_file",
    ),
}
LOOKUPS: dict[str, tuple[str, ...]] = {
    "files": ("file", "fileglob", "first_found", "template", "unvault"),
    "system": ("env", "pipe", "lines"),
    "variables": ("vars", "varnames", "inventory_hostnames"),
    "settings": ("config",),
    "loops": (
        "items",
        "list",
        "dict",
        "sequence",
        "nested",
        "together",
        "subelements",
        "indexed_items",
        "flattened",
        "random_choice",
        "cartesian",
    ),
    "tabular": ("ini", "csvfile"),
    "passwords": ("password",),
}


def _index(themes: dict[str, tuple[str, ...]], kind: str) -> dict[str, str]:
    return {name: f"orchestr8.template.{kind}.{theme}" for theme, names in themes.items() for name in names}


def _bare(name: str) -> str:
    for prefix in _PREFIXES:
        if name.startswith(prefix):
            return name.removeprefix(prefix)
    return name


class Table(dict[str, Any]):
    """Functions by name, each imported and guarded the first time it is asked for."""

    def __init__(self, homes: dict[str, str], own: dict[str, Any], guard: Callable[[str, Any], Any]) -> None:
        super().__init__()
        self._homes = homes
        self._own = own
        self._guard = guard

    def __missing__(self, name: str) -> Any:
        bare = _bare(name)
        if bare in self._homes:
            function = import_module(self._homes[bare]).NAMES[bare]
        elif bare in self._own:
            function = self._own[bare]
        else:
            raise KeyError(name)
        self[name] = self._guard(bare, function)
        return self[name]

    def get(self, name: str, default: Any = None) -> Any:
        """Return a function, or `default`."""
        return self[name] if name in self else default  # noqa: SIM401

    def __contains__(self, name: object) -> bool:
        bare = _bare(str(name))
        return bare in self._homes or bare in self._own

    def names(self) -> Iterable[str]:
        """Return every name."""
        return {*self._homes, *self._own}


def filter_table() -> Table:
    """Return the filters: Ansible's and Jinja's."""
    from jinja2.filters import FILTERS as DEFAULT_FILTERS

    from orchestr8.template.guard import guard_filter

    return Table(_index(FILTERS, "filters"), DEFAULT_FILTERS, guard_filter)


def test_table() -> Table:
    """Return the tests: Ansible's and Jinja's."""
    from jinja2.tests import TESTS as DEFAULT_TESTS

    from orchestr8.template.guard import guard_test

    return Table(_index(TESTS, "tests"), DEFAULT_TESTS, guard_test)


class _Known:
    def __init__(self, table: Table) -> None:
        self._table = table

    def __contains__(self, name: object) -> bool:
        return name in self._table


@lru_cache(maxsize=1)
def filter_names() -> _Known:
    """Return what tells whether a filter exists."""
    return _Known(filter_table())


@lru_cache(maxsize=1)
def test_names() -> _Known:
    """Return what tells whether a test exists."""
    return _Known(test_table())


def lookup_function(name: str) -> Lookup | None:
    """Return a lookup, or None when there is none of that name."""
    bare = _bare(name)
    home = _index(LOOKUPS, "lookups").get(bare)
    return import_module(home).NAMES[bare] if home else None
