"""The actions that belong to the language itself: including, importing, and `meta`."""

from __future__ import annotations

from orchestr8.language.catalog import Catalog, ModuleSpec
from orchestr8.remote.module import Arg

_FILE = Arg("str", "file of tasks, looked for beside the file that names it")
_ROLE = {
    "name": Arg("str", "the role", required=True, aliases=("role",)),
    "tasks_from": Arg("str", "file to load from the role's tasks folder", default="main"),
    "vars_from": Arg("str", "file to load from the role's vars folder", default="main"),
    "defaults_from": Arg("str", "file to load from the role's defaults folder", default="main"),
    "handlers_from": Arg("str", "file to load from the role's handlers folder", default="main"),
    "allow_duplicates": Arg("bool", "whether the role may run again with the same parameters", default=True),
    "public": Arg("bool", "whether the role's variables are visible outside of it"),
    "rolespec_validate": Arg("bool", "whether the role's argument specification is checked", default=True),
}
_APPLY = Arg("dict", "keywords that every included task gets")
META = (
    "clear_facts", "clear_host_errors", "end_batch", "end_host", "end_play", "end_role", "flush_handlers",
    "noop", "refresh_inventory", "reset_connection",
)  # fmt: skip
SPECS = {
    spec.name: spec
    for spec in (
        ModuleSpec("import_tasks", {"file": _FILE}, free_form="file", controller=True),
        ModuleSpec("include_tasks", {"file": _FILE, "apply": _APPLY}, free_form="file", controller=True),
        ModuleSpec("import_role", _ROLE, controller=True),
        ModuleSpec("include_role", {**_ROLE, "apply": _APPLY}, controller=True),
        ModuleSpec("meta", {}, free_form="action", controller=True),
    )
}
_PREFIXES = ("ansible.builtin.", "ansible.legacy.")


def bare(name: str) -> str:
    """Return the name of one of Ansible's own modules without its collection."""
    for prefix in _PREFIXES:
        name = name.removeprefix(prefix)
    return name


def find(catalog: Catalog, name: str) -> ModuleSpec | None:
    """Return the spec of an action of the language or of a module, or None."""
    return SPECS.get(bare(name)) or catalog.find(name)
