"""Which variables a playbook defines anywhere, and what may define more that nobody can foresee."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from orchestr8.compile.uses import expression
from orchestr8.core.span import Mapping
from orchestr8.language.schema import has_template, is_template
from orchestr8.language.syntax import Play, Playbook, RoleUse, Task
from orchestr8.language.walking import Around, tasks_of

MAGIC = frozenset(
    (
        *("environment", "group_names", "groups", "hostvars", "inventory_dir", "inventory_file"),
        *("inventory_hostname", "inventory_hostname_short", "item", "omit", "play_hosts", "playbook_dir"),
        *("role_name", "role_names", "role_path", "role_uuid", "discovered_interpreter_python", "vars"),
        *("template_host", "template_path", "template_uid", "template_run_date", "template_fullpath"),
        *("template_destpath", "template_mtime"),
    )
)
_PREFIXES = ("ansible_", "o8_")
_FACT_NAMES = {"package_facts": ("packages",), "service_facts": ("services",), "getent": ()}

ReadVariables = Callable[[str, Task | None, Around, Play], Mapping | None]
"""Returns the variables of a file named by `vars_files` or `include_vars`, or None when it is not known.

For a name that is a template: the variables of all files that it may mean.
"""


@dataclass
class Definitions:
    """Every name defined somewhere, with its values where they are written down.

    dynamic: why further names may exist that nobody can foresee. asked: names whose existence is asked for.
    layers: the mappings that define names, by identity. promised: names that roles ask their users for.
    """

    values: dict[str, list[Any]] = field(default_factory=dict)
    dynamic: list[str] = field(default_factory=list)
    asked: set[str] = field(default_factory=set)
    layers: dict[int, Any] = field(default_factory=dict, repr=False)
    promised: set[str] = field(default_factory=set)

    def knows(self, name: str) -> bool:
        """Tell whether a name is defined, or may be: facts are taken as given."""
        return self.sets(name) or name in MAGIC or name in self.promised or name.startswith(_PREFIXES)

    def sets(self, name: str) -> bool:
        """Tell whether something defines a name."""
        return name in self.values

    def add(self, names: Iterable[str]) -> None:
        """Take names whose values only the run knows."""
        for name in names:
            self.values.setdefault(str(name), []).append(UNKNOWN)

    def add_mapping(self, source: Any) -> None:
        """Take the names and values of a mapping, once however often it is met."""
        if not isinstance(source, dict) or id(source) in self.layers:
            return
        self.layers[id(source)] = source
        for name, value in source.items():
            self.values.setdefault(str(name), []).append(value)

    def only(self, name: str) -> Any:
        """Return the value of a name that is defined once and for all, or UNKNOWN."""
        values = self.values.get(name, ())
        return values[0] if len(values) == 1 else UNKNOWN


UNKNOWN = object()


def collect(playbook: Playbook, known: Iterable[str], read: ReadVariables) -> Definitions:
    """Return all that a playbook defines; `known` are the inventory's names."""
    result = Definitions()
    result.add(known)
    result.add(playbook.extra)
    for play in playbook.plays:
        _play(play, result, read)
        seen: set[int] = set()
        for task, around in tasks_of(play, playbook.foreseen):
            for words in around.keywords:
                if id(words) not in seen:
                    seen.add(id(words))
                    _keywords(words.vars, words.when, result)
            for use in around.roles:
                _role(use, result)
            _task(task, around, play, playbook, result, read)
    return result


def _keywords(variables: Mapping, conditions: Iterable[Any], result: Definitions) -> None:
    result.add_mapping(variables)
    for condition in conditions:
        _ask(condition, result)


def _ask(condition: Any, result: Definitions) -> None:
    if isinstance(condition, str):
        result.asked.update(use.name for use in expression(condition).uses if use.guarded)


def _role(use: RoleUse, result: Definitions) -> None:
    for each in (use, *use.role.uses):
        for layer in (each.role.defaults, each.role.vars, each.params, each.keywords.vars):
            result.add_mapping(layer)
        for spec in each.role.argument_specs.values():
            options = spec.get("options") if isinstance(spec, dict) else None
            result.promised.update(options if isinstance(options, dict) else ())


def _play(play: Play, result: Definitions, read: ReadVariables) -> None:
    result.add_mapping(play.keywords.vars)
    result.add(prompt.name for prompt in play.vars_prompt)
    if any(isinstance(service, dict) and "discovery" in service for service in play.services.values()):
        result.add(["services"])
    for use in play.role_uses:
        _role(use, result)
    for entry in play.vars_files:
        for name in entry if isinstance(entry, list) else [entry]:
            if is_template(name):
                result.dynamic.append(f"`vars_files` with a name that only the run knows ({name})")
            result.add_mapping(read(str(name), None, Around(), play))


def _task(
    task: Task, around: Around, play: Play, playbook: Playbook, result: Definitions, read: ReadVariables
) -> None:
    if task.register:
        result.add([task.register])
    if task.loop:
        names = [task.loop.control.get(key) for key in ("loop_var", "index_var")]
        result.add(str(name) for name in names if name)
        if any(map(is_template, names)):
            result.dynamic.append("`loop_control` with a name that only the run knows")
    applied = task.args.get("apply") if task.action in ("include_tasks", "include_role") else None
    if isinstance(applied, dict):
        result.add_mapping(applied.get("vars"))
    if task.tells_facts:
        result.dynamic.append(f"facts that `{task.action}` may tell")
    special = _ACTIONS.get(task.action)
    if special:
        special(task, result)
    elif task.action == "include_vars":
        _include_vars(task, around, play, result, read)
    elif task.action.startswith("include_") and task not in playbook.foreseen and _is_open(task):
        result.dynamic.append(f"`{task.action}` with a name that only the run knows")


def _is_open(task: Task) -> bool:
    name = task.args.get("file", task.args.get("name"))
    return name is None or has_template(task.args)


def _set_fact(task: Task, result: Definitions) -> None:
    result.layers[id(task.args)] = task.args
    result.add(str(name) for name in task.args if not is_template(name))
    if task.args_template is not None or any(map(is_template, task.args)):
        result.dynamic.append("`set_fact` with names that only the run knows")


def _add_host(task: Task, result: Definitions) -> None:
    result.add(str(name) for name in task.args)


def _facts(task: Task, result: Definitions) -> None:
    result.add(_FACT_NAMES[task.action])
    if task.action == "getent":
        result.add([f"getent_{task.args.get('database', '')}"])


def _assert(task: Task, result: Definitions) -> None:
    that = task.args.get("that")
    for condition in that if isinstance(that, list) else [that]:
        _ask(condition, result)


def _include_vars(task: Task, around: Around, play: Play, result: Definitions, read: ReadVariables) -> None:
    target = task.args.get("name")
    if isinstance(target, str) and target:
        result.add([target])
    name = task.args.get("file", task.free_form)
    found = None
    if isinstance(name, str) and "dir" not in task.args:
        found = read(str(name), task, around, play)
        result.add_mapping(found)
    if found is None or is_template(name):
        result.dynamic.append("`include_vars` of files that only the run knows")


_ACTIONS: dict[str, Callable[[Task, Definitions], None]] = {
    "set_fact": _set_fact,
    "add_host": _add_host,
    "assert": _assert,
    **dict.fromkeys(_FACT_NAMES, _facts),
}
