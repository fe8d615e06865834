"""Which keywords plays, roles, blocks, tasks and handlers take."""

from __future__ import annotations

from collections.abc import Mapping as Map
from dataclasses import fields
from typing import Any

from orchestr8.core.span import Mapping
from orchestr8.language.schema import (
    Key,
    anything,
    boolean,
    conditions,
    integer,
    items,
    mapping,
    mappings,
    number,
    text,
    words,
)
from orchestr8.language.syntax import Keywords

_BOOL = Key(boolean)
_TEXT = Key(text)
_INT = Key(integer)
_LISTS = Key(items, parts=True)
_CONDITIONS = Key(conditions, parts=True)
_RAW = Key(anything, parts=True)

_EVERYWHERE: dict[str, Key] = {
    "name": _TEXT,
    "tags": Key(words, parts=True),
    "vars": Key(mapping, template=False),
    "environment": Key(mappings, parts=True),
    "module_defaults": Key(mappings, parts=True),
    "become": _BOOL,
    "become_user": _TEXT,
    "become_method": _TEXT,
    "become_flags": _TEXT,
    "become_exe": _TEXT,
    "connection": _TEXT,
    "remote_user": _TEXT,
    "port": _INT,
    "ignore_errors": _BOOL,
    "ignore_unreachable": _BOOL,
    "any_errors_fatal": _BOOL,
    "no_log": _BOOL,
    "check_mode": _BOOL,
    "diff": _BOOL,
    "run_once": _BOOL,
    "throttle": _INT,
    "timeout": _INT,
    "debugger": Key(text, ("always", "never", "on_failed", "on_unreachable", "on_skipped")),
    "collections": _LISTS,
}
_INSIDE: dict[str, Key] = {
    **_EVERYWHERE,
    "when": _CONDITIONS,
    "delegate_to": _TEXT,
    "delegate_facts": _BOOL,
}
ROLE: dict[str, Key] = {name: key for name, key in _INSIDE.items() if name != "name"}
BLOCK: dict[str, Key] = {
    **_INSIDE,
    "block": _RAW,
    "rescue": _RAW,
    "always": _RAW,
    "notify": _LISTS,
}
TASK: dict[str, Key] = {
    **_INSIDE,
    "action": _RAW,
    "local_action": _RAW,
    "args": _RAW,
    "async": _INT,
    "poll": _INT,
    "register": Key(text, template=False),
    "until": _CONDITIONS,
    "retries": _INT,
    "delay": Key(number),
    "changed_when": _CONDITIONS,
    "failed_when": _CONDITIONS,
    "notify": _LISTS,
    "loop": _RAW,
    "loop_control": Key(mapping, template=False),
    "needs": Key(items, template=False),
}
HANDLER: dict[str, Key] = {**TASK, "listen": _LISTS}
LOOP_CONTROL: dict[str, Key] = {
    "loop_var": _TEXT,
    "index_var": _TEXT,
    "label": _RAW,
    "pause": Key(number),
    "extended": _BOOL,
    "extended_allitems": _BOOL,
    "break_when": _CONDITIONS,
    "parallel": _INT,
}
_STRATEGIES = ("linear", "free", "host_pinned", "dag", "debug")
_ORDERS = ("inventory", "sorted", "reverse_sorted", "reverse_inventory", "shuffle")
PLAY: dict[str, Key] = {
    **_EVERYWHERE,
    "hosts": _RAW,
    "user": _TEXT,
    "vars_files": _RAW,
    "vars_prompt": _RAW,
    "gather_facts": _BOOL,
    "gather_subset": _LISTS,
    "gather_timeout": _INT,
    "fact_path": _TEXT,
    "strategy": Key(text, _STRATEGIES, prefixes=("ansible.builtin.", "ansible.legacy.")),
    "serial": _LISTS,
    "order": Key(text, _ORDERS),
    "max_fail_percentage": Key(number),
    "force_handlers": _BOOL,
    "pre_tasks": _RAW,
    "roles": _RAW,
    "tasks": _RAW,
    "post_tasks": _RAW,
    "handlers": _RAW,
    "services": _RAW,
    "needs": Key(items, template=False),
    "validate_argspec": _RAW,
}
IMPORT_PLAYBOOK: dict[str, Key] = {
    "import_playbook": Key(text),
    "name": _TEXT,
    "tags": _EVERYWHERE["tags"],
    "vars": _EVERYWHERE["vars"],
    "when": _CONDITIONS,
}
_SHARED = tuple(field.name for field in fields(Keywords))


def shared(values: Map[str, Any]) -> Keywords:
    """Return the keywords that are handed down to whatever a play, role, block or task contains."""
    own = {name: values[name] for name in _SHARED if name in values}
    own.setdefault("vars", Mapping())
    return Keywords(**own)
