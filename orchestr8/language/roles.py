"""Finds and reads roles."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from collections.abc import Mapping as Map
from dataclasses import dataclass, field, replace
from typing import Any

from orchestr8.core.span import Mapping, Span
from orchestr8.language import argument_specs, collection_roles, galaxy
from orchestr8.language.constants import constant
from orchestr8.language.keywords import ROLE, shared
from orchestr8.language.role_files import find_main, read_variables
from orchestr8.language.schema import Wrong, boolean, item_place, kind_of, place, read
from orchestr8.language.search import missing
from orchestr8.language.session import Session, Where
from orchestr8.language.syntax import Keywords, Node, Role, RoleUse

PARTS = ("tasks", "handlers", "vars", "defaults")
ReadNodes = Callable[[Any, str, Where, Session], tuple[Node, ...]]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A role as somebody names it. parts: other names than `main` for its files.

    public: whether others see its variables, None as is usual. static: named before the run.
    validated: whether its argument specification counts.
    """

    name: str
    span: Span
    keywords: Keywords = field(default_factory=Keywords)
    params: Mapping = field(default_factory=Mapping)
    parts: Map[str, str] = field(default_factory=dict)
    public: bool | None = None
    static: bool = True
    allow_duplicates: bool = False
    validated: bool = True


def with_dependencies(use: RoleUse) -> Iterator[RoleUse]:
    """Yield what a role depends on, and then the role."""
    for dependency in use.role.uses:
        yield from with_dependencies(dependency)
    yield use


def read_uses(
    owner: Mapping, key: str, where: Where, session: Session, nodes: ReadNodes
) -> tuple[RoleUse, ...]:
    """Return the roles that a key lists: `roles` of a play, or `dependencies` of a role."""
    source = owner.get(key)
    if source is None:
        return ()
    if not isinstance(source, list):
        hint = f"`{key}` has to be a list of roles, not {kind_of(source)}"
        message = "A malformed role declaration was encountered."
        session.findings.error("O8-1102", message, place(owner, key), hint)
        return ()
    uses: list[RoleUse] = []
    for index, item in enumerate(source):
        wanted = _wanted(item, item_place(source, index), session)
        found = wanted and _constant_name(wanted, where, session)
        use = found and read_use(found, where, session, nodes)
        uses += [use] if use else []
    return tuple(uses)


def _constant_name(wanted: Wanted, where: Where, session: Session) -> Wanted | None:
    name = constant(wanted.name, where, session)
    return replace(wanted, name=name) if name else None


def _wanted(item: Any, span: Span | None, session: Session) -> Wanted | None:
    if isinstance(item, str) and "," in item and "{" not in item:
        message, hint = f"Invalid old style role requirement: {item}", "name one role"
        session.findings.error("O8-1102", message, span, hint)
        return None
    if isinstance(item, str) and span:
        return Wanted(item, span)
    if not isinstance(item, Mapping):
        session.findings.error("O8-1102", f"a role has to be a name or a mapping, not {kind_of(item)}", span)
        return None
    key = next((key for key in ("role", "name") if isinstance(item.get(key), str)), None)
    at = place(item, key) if key else item.span
    if key is None or at is None:
        session.findings.error("O8-1103", "a role needs a name: `role: …`", item.span or span)
        return None
    own = _part(item, lambda word: word in ROLE)
    params = _part(item, lambda word: word not in ROLE and word not in ("role", "name"))
    return Wanted(item[key], at, shared(read(own, ROLE, "a role", session.findings)), params)


def _part(source: Mapping, wanted: Callable[[str], bool]) -> Mapping:
    result = Mapping(((k, v) for k, v in source.items() if wanted(k)), source.span)
    result.key_spans, result.value_spans = source.key_spans, source.value_spans
    return result


def _places(name: str, where: Where, session: Session) -> list[str]:
    name = os.path.expanduser(name)
    if os.path.isabs(name):
        return [name]
    roots = [os.path.join(session.playbook_dir, "roles"), *session.roles_path]
    roots += [os.path.dirname(path) or "." for path in where.role_paths]
    roots.append(session.playbook_dir)
    folder, last = os.path.split(os.path.normpath(session.playbook_dir))
    if last == "playbooks":
        # Projects keep `playbooks/` and `roles/` side by side.
        roots.append(os.path.join(folder, "roles"))
    return list(dict.fromkeys(os.path.normpath(os.path.join(root, name)) for root in roots))


def _collected(name: str, where: Where, session: Session) -> dict[str, str]:
    """Return the folders of collections a role may be in, each with the role's full name there."""
    roots = collection_roles.roots(session.playbook_dir, session.collections_path)
    # A name such as `ansible.builtin` in the list is no collection of roles, and harmless.
    listed = [each for each in map(str, where.collections) if each.count(".") == 1]
    full_names = collection_roles.full_names(name, where.role_paths, listed)
    return {path: full for full in full_names for path in collection_roles.folders(full, roots)}


def read_use(wanted: Wanted, where: Where, session: Session, nodes: ReadNodes) -> RoleUse | None:
    """Return the use of a role, its files and dependencies read; None when there is no such role."""
    where = where.under({"collections": wanted.keywords.collections})
    places = _places(wanted.name, where, session)
    collected = _collected(wanted.name, where, session)
    path = next((path for path in (*collected, *places) if os.path.isdir(path)), None)
    if path is None:
        places = [*(path for path, full in collected.items() if full == wanted.name), *places]
        found = missing(wanted.name, places, "O8-1403", "role")
        hint = found.hint or galaxy.advice(wanted.name, session.playbook_dir)
        session.findings.add(replace(found, span=wanted.span, hint=hint))
        return None
    wanted = replace(wanted, name=collected.get(path, wanted.name))
    step = f"role {wanted.name}"
    if step in where.chain and not wanted.parts:
        chain = [*where.chain[where.chain.index(step) :], step]
        message = "roles go in a circle: " + " → ".join(part.removeprefix("role ") for part in chain)
        session.findings.error("O8-1404", message, wanted.span)
        return None
    inside = replace(
        where.under({"when": wanted.keywords.when, "vars": wanted.keywords.vars}),
        chain=(*where.chain, step),
        role_paths=(path, *where.role_paths),
    )
    return _read_role(path, wanted, inside, session, nodes)


def _read_role(path: str, wanted: Wanted, where: Where, session: Session, nodes: ReadNodes) -> RoleUse:
    session.plugins.beside(path)
    session.catalog.own.beside(path)
    meta = _meta(path, session)
    defaults = read_variables(path, "defaults", wanted, session)
    variables = read_variables(path, "vars", wanted, session)
    names = {**defaults, **where.names, **variables, **wanted.params}
    # What a play or an include lists is for the names in it; a role lists its own.
    where = replace(where, collections=_listed(meta))
    role = Role(
        name=wanted.name,
        path=path,
        defaults=defaults,
        vars=variables,
        uses=read_uses(meta, "dependencies", replace(where, notify=()), session, nodes),
        allow_duplicates=wanted.allow_duplicates or _duplicates(meta, session),
        argument_specs=argument_specs.read(path, meta, session),
        collections=where.collections,
        collection=collection_roles.collection_of(path) if wanted.name.count(".") > 1 else "",
    )
    usual = wanted.static if session.private_roles is None else not session.private_roles
    public = usual if wanted.public is None else wanted.public
    use = RoleUse(role, wanted.params, wanted.keywords, wanted.span, public)
    inside = replace(where, role=use, names=names)
    # A role's tasks refer to the use of the role they belong to, so they come after it.
    for part in ("tasks", "handlers"):
        found = _nodes(path, part, wanted, replace(inside, handlers=part == "handlers"), session, nodes)
        object.__setattr__(role, part, found)
    if wanted.validated:
        first = argument_specs.validation(use, wanted.parts.get("tasks") or "main")
        object.__setattr__(role, "tasks", (*first, *role.tasks))
    return use


def _nodes(
    path: str, part: str, wanted: Wanted, where: Where, session: Session, nodes: ReadNodes
) -> tuple[Node, ...]:
    file = find_main(path, part, wanted, session)
    if file is None:
        return ()
    return nodes(session.document(file), f"`{file}`", replace(where, source=file, notify=()), session)


def _listed(meta: Mapping) -> tuple[Any, ...]:
    found = meta.get("collections")
    return tuple(found) if isinstance(found, list) else ()


def _meta(path: str, session: Session) -> Mapping:
    file = find_main(path, "meta", None, session)
    value = session.document(file) if file else None
    if value is None:
        return Mapping()
    if not isinstance(value, Mapping):
        session.findings.error(
            "O8-1102", f"`{file}` has to be a mapping, not {kind_of(value)}", getattr(value, "span", None)
        )
        return Mapping()
    return value


def _duplicates(meta: Mapping, session: Session) -> bool:
    value = meta.get("allow_duplicates", False)
    try:
        return boolean(value)
    except Wrong as wrong:
        session.findings.error(
            "O8-1102", f"`allow_duplicates` has to be {wrong}", place(meta, "allow_duplicates")
        )
        return False
