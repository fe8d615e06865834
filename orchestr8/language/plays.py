"""Reads plays."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from orchestr8.core.span import Mapping
from orchestr8.core.vaulted import Vaulted
from orchestr8.language import module_groups, roles
from orchestr8.language.collection_roles import collection_of
from orchestr8.language.keywords import PLAY, shared
from orchestr8.language.nodes import read_nodes
from orchestr8.language.schema import (
    has_template,
    is_template,
    item_place,
    key_place,
    kind_of,
    place,
    read,
)
from orchestr8.language.search import missing
from orchestr8.language.session import Session, Where, nowhere
from orchestr8.language.syntax import Block, Play, Prompt, RoleUse

_SECTIONS = ("pre_tasks", "tasks", "post_tasks", "handlers")


def read_play(source: Mapping, file: str, session: Session) -> Play:
    """Return a play with its roles and imports in place."""
    values = read(source, PLAY, "a play", session.findings)
    files = _vars_files(source, file, session)
    where = _where(values, file, files, session)
    used = _roles(source, where, session)
    sections = {name: _section(source, name, where, session) for name in _SECTIONS}
    known = [each for use in used for each in roles.with_dependencies(use)]
    if "remote_user" in values and "user" in values:
        message = "both 'user' and 'remote_user' are set for this play."
        session.findings.error("O8-1102", message, key_place(source, "user"), "leave `user` out")
    if "remote_user" not in values and "user" in values:
        values["remote_user"] = values["user"]
    return Play(
        hosts=_hosts(source, session),
        keywords=shared(values),
        span=source.span or nowhere(file),
        source=file,
        vars_files=files,
        vars_prompt=_prompts(source, session),
        gather_facts=values.get("gather_facts"),
        gather_subset=values.get("gather_subset"),
        gather_timeout=values.get("gather_timeout"),
        strategy=_bare(values.get("strategy")),
        serial=_serial(values.get("serial", ()), source, session),
        order=values.get("order"),
        max_fail_percentage=values.get("max_fail_percentage"),
        force_handlers=values.get("force_handlers"),
        roles=tuple(_block(use) for use in used),
        role_uses=(*known, *where.uses),
        services=_services(source, session),
        hooks=_hooks(source, where, session),
        needs=values.get("needs", ()),
        fact_path=values.get("fact_path"),
        **sections,
    )


def _bare(strategy: Any) -> Any:
    if isinstance(strategy, str) and not is_template(strategy):
        return strategy.rpartition(".")[2]
    return strategy


def _where(values: dict[str, Any], file: str, files: tuple[Any, ...], session: Session) -> Where:
    names: dict[str, Any] = {}
    module_groups.check(values, session.findings)
    where = Where(file, chain=(file,)).under(
        {
            "ignore_errors": values.get("ignore_errors"),
            "module_defaults": values.get("module_defaults", ()),
            "collections": _collections(values.get("collections", ()), file),
        }
    )
    search = where.search(session)
    for name in files:
        path = search.look(name, "vars") if isinstance(name, str) and not is_template(name) else None
        found = session.document(path) if path else None
        names.update(found if isinstance(found, Mapping) else {})
    return replace(where, names={**values.get("vars", {}), **names}, uses=[])


def _collections(listed: Any, file: str) -> tuple[Any, ...]:
    """Return the collections whose names may be short: that of the playbook itself comes first."""
    own = collection_of(file, "playbooks")
    return (*([own] if own else []), *(listed or ()))


def _section(source: Mapping, name: str, where: Where, session: Session) -> Any:
    value = source.get(name)
    if value is not None and not isinstance(value, list):
        shown = kind_of(value) if isinstance(value, Vaulted) else repr(value)
        what = f"A malformed block was encountered while loading {name}"
        message = f"{what}: {shown} should be a list or None"
        hint = f"`{name}` has to be a list of tasks, not {kind_of(value)}"
        session.findings.error("O8-1102", message, place(source, name), hint)
        return ()
    return read_nodes(value, f"`{name}`", replace(where, handlers=name == "handlers"), session)


def _roles(source: Mapping, where: Where, session: Session) -> tuple[RoleUse, ...]:
    return roles.read_uses(source, "roles", where, session, read_nodes)


def _block(use: RoleUse) -> Block:
    return Block(use.role.tasks, use.keywords, use.span, role=use, origin="role")


def _hosts(source: Mapping, session: Session) -> Any:
    value = source.get("hosts")
    if "hosts" not in source:
        session.findings.error("O8-1103", "a play has to say for which `hosts` it is", source.span)
    elif value is None or value in ("", []):
        message = "Hosts list cannot be empty. Please check your playbook"
        session.findings.error("O8-1103", message, key_place(source, "hosts"), "`all` means every host")
    elif not all(isinstance(each, str) for each in (value if isinstance(value, list) else [value])):
        message = "`hosts` has to be a pattern or a list of patterns"
        session.findings.error("O8-1102", message, place(source, "hosts"))
    return value


def _vars_files(source: Mapping, file: str, session: Session) -> tuple[Any, ...]:
    value = source.get("vars_files")
    if value is None:
        return ()
    entries = value if isinstance(value, list) else [value]
    search = Where(file).search(session)
    for index, entry in enumerate(entries):
        names = entry if isinstance(entry, list) else [entry]
        if not names or not all(isinstance(name, str) for name in names):
            message = f"`vars_files` takes names of files, not {kind_of(entry)}"
            session.findings.error("O8-1102", message, item_place(value, index))
        elif not has_template(names) and not any(search.look(name, "vars") for name in names):
            session.findings.add(
                missing(names[0], [p for name in names for p in search.places(name, "vars")])
            )
    return tuple(entries)


def _prompts(source: Mapping, session: Session) -> tuple[Prompt, ...]:
    value = source.get("vars_prompt")
    entries = value if isinstance(value, list) else [] if value is None else [value]
    prompts: list[Prompt] = []
    for index, entry in enumerate(entries):
        span = item_place(value, index) or nowhere("")
        if isinstance(entry, Mapping) and isinstance(entry.get("name"), str):
            prompts.append(Prompt(entry["name"], entry, span))
        else:
            message = "Invalid vars_prompt data structure, missing 'name' key"
            session.findings.error("O8-1102", message, span, "a prompt is a mapping with a `name`")
    return tuple(prompts)


def _serial(entries: tuple[Any, ...], source: Mapping, session: Session) -> tuple[Any, ...]:
    for index, entry in enumerate(entries):
        if is_template(entry) or (isinstance(entry, int) and not isinstance(entry, bool) and entry >= 0):
            continue
        word = str(entry).strip()
        if not word.removesuffix("%").isdigit():
            span = item_place(source["serial"], index) or place(source, "serial")
            message = f"`serial` takes numbers of hosts and percentages, not `{entry}`"
            session.findings.error("O8-1104", message, span, 'for instance 2, "25%", or [1, 5, "50%"]')
    return entries


def _services(source: Mapping, session: Session) -> Mapping:
    value = source.get("services")
    if value is None:
        return Mapping()
    if not isinstance(value, Mapping):
        message = f"`services` has to be a mapping of names to services, not {kind_of(value)}"
        session.findings.error("O8-1102", message, place(source, "services"))
        return Mapping()
    from orchestr8.language.services import check  # twenty modules that most plays need not load

    session.findings.add(*check(value))
    return value


def _hooks(source: Mapping, where: Where, session: Session) -> dict[tuple[str, str], Any]:
    """Return the tasks of services' hooks; what is no list of tasks is found by the check of services."""
    services = source.get("services")
    found: dict[tuple[str, str], Any] = {}
    for name, service in services.items() if isinstance(services, Mapping) else ():
        hooks = service.get("hooks") if isinstance(service, Mapping) else None
        for phase, tasks in hooks.items() if isinstance(hooks, Mapping) else ():
            if isinstance(tasks, list):
                found[str(name), str(phase)] = read_nodes(tasks, f"`{phase}`", where, session)
        for step, tasks in _between(service).items():
            found[str(name), step] = read_nodes(tasks, step, where, session)
    return found


def _between(service: Any) -> dict[str, list[Any]]:
    """Return the tasks between a service's steps by their names; most services have none."""
    if not isinstance(service, Mapping) or not isinstance(service.get("update"), Mapping):
        return {}
    from orchestr8.language.services_steps import written_tasks  # most plays need none of its modules

    return dict(written_tasks(service))
