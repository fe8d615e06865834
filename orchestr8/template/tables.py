"""The tables of filters, tests and lookups: one place that says which function a name stands for.

Functions are imported when their name is first used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from importlib import import_module
from typing import Any

from orchestr8.template.lookup import Lookup
from orchestr8.template.plugins.shape import FILTER, LOOKUP, TEST
from orchestr8.template.plugins.shelf import Plugins

_PREFIXES = (
    "ansible.builtin.",
    "ansible.legacy.",
    "ansible.core.",
    "ansible.utils.",
    "ansible.netcommon.",
    "community.general.",
    "community.crypto.",
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
        "unicode_normalize",
    ),
    "digests": ("hash", "checksum", "md5", "sha1", "crc32", "password_hash"),
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
        "dict",
        "keep_keys",
        "remove_keys",
        "replace_keys",
        "dict_kv",
    ),
    "nested_keys": (
        "ansible.utils.keep_keys",
        "ansible.utils.remove_keys",
        "ansible.utils.replace_keys",
    ),
    "lists": (
        "accumulate",
        "counter",
        "groupby_as_dict",
        "lists_difference",
        "lists_intersect",
        "lists_mergeby",
        "lists_symmetric_difference",
        "lists_union",
        "version_sort",
    ),
    "structures": ("json_query", "get_path", "to_paths", "index_of", "fact_diff", "param_list_compare"),
    "sections": ("from_ini", "to_ini", "from_csv"),
    "certificates": (
        "openssl_csr_info",
        "openssl_privatekey_info",
        "openssl_publickey_info",
        "x509_certificate_info",
    ),
    "pem": ("parse_serial", "split_pem", "to_serial"),
    "durations": (
        "to_time_unit",
        "to_milliseconds",
        "to_seconds",
        "to_minutes",
        "to_hours",
        "to_days",
        "to_weeks",
        "to_months",
        "to_years",
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
        "random_mac",
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
    "addresses": (
        "in_any_network",
        "in_network",
        "in_one_network",
        "ip",
        "ip_address",
        "ipv4",
        "ipv4_address",
        "ipv4_hostmask",
        "ipv4_netmask",
        "ipv6",
        "ipv6_address",
        "ipv6_ipv4_mapped",
        "ipv6_sixtofour",
        "ipv6_teredo",
        "loopback",
        "mac",
        "multicast",
        "private",
        "public",
        "reserved",
        "resolvable",
        "subnet_of",
        "supernet_of",
        "unspecified",
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
    "web": ("url",),
    "random_strings": ("random_string",),
    "merged": ("merge_variables",),
    "trees": ("filetree", "binary_file"),
}


def _index(themes: dict[str, tuple[str, ...]], kind: str) -> dict[str, str]:
    return {name: f"orchestr8.template.{kind}.{theme}" for theme, names in themes.items() for name in names}


def _bare(name: str) -> str:
    for prefix in _PREFIXES:
        if name.startswith(prefix):
            return name.removeprefix(prefix)
    return name


class Table(dict[str, Any]):
    """Functions by name, each imported and guarded the first time it is asked for.

    Those of plugins beside the playbook and in roles come before all others.
    """

    def __init__(
        self,
        kind: str,
        homes: dict[str, str],
        own: dict[str, Any],
        guard: Callable[[str, Any, str], Any],
        plugins: Plugins | None = None,
    ) -> None:
        super().__init__()
        self.kind = kind
        self.plugins = Plugins() if plugins is None else plugins
        self.plugins.watch(self.clear)
        self._homes = homes
        self._own = own
        self._guard = guard

    def __missing__(self, name: str) -> Any:
        found = self.plugins.find(self.kind, name)
        if found is None:
            found = self._built_in(name)
        self[name] = found
        return found

    def _built_in(self, name: str) -> Any:
        bare = name if name in self._homes else _bare(name)
        if bare in self._homes:
            return self._guard(bare, import_module(self._homes[bare]).NAMES[bare], name)
        if bare in self._own:
            return self._guard(bare, self._own[bare], name)
        raise KeyError(name)

    def get(self, name: str, default: Any = None) -> Any:
        """Return a function, or `default`."""
        return self[name] if name in self else default  # noqa: SIM401

    def __contains__(self, name: object) -> bool:
        bare = _bare(str(name))
        known = bare in self._homes or bare in self._own
        return known or self.plugins.find(self.kind, str(name)) is not None

    def names(self) -> Iterable[str]:
        """Return every name."""
        return {*self._homes, *self._own, *self.plugins.names(self.kind)}


def filter_table(plugins: Plugins | None = None) -> Table:
    """Return the filters: Ansible's and Jinja's."""
    from jinja2.filters import FILTERS as DEFAULT_FILTERS

    from orchestr8.template.guard import guard_filter

    return Table(FILTER, _index(FILTERS, "filters"), DEFAULT_FILTERS, guard_filter, plugins)


def test_table(plugins: Plugins | None = None) -> Table:  # noqa: PT028 -- no test of pytest
    """Return the tests: Ansible's and Jinja's."""
    from jinja2.tests import TESTS as DEFAULT_TESTS

    from orchestr8.template.guard import guard_test

    return Table(TEST, _index(TESTS, "tests"), DEFAULT_TESTS, guard_test, plugins)


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
    return _Known(test_table(None))


def lookup_names() -> Iterable[str]:
    """Return the names of the lookups that are built in."""
    return _index(LOOKUPS, "lookups").keys()


def lookup_function(name: str, plugins: Plugins) -> Lookup | None:
    """Return a lookup, or None when there is none of that name; plugins come before what is built in."""
    found = plugins.find(LOOKUP, name)
    if found is not None:
        return found
    bare = _bare(name)
    home = _index(LOOKUPS, "lookups").get(bare)
    return import_module(home).NAMES[bare] if home else None
