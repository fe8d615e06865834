"""Reads playbooks: lists of plays and of other playbooks."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from orchestr8.core.span import Mapping, Span
from orchestr8.language import builtin
from orchestr8.language.collection_roles import roots
from orchestr8.language.constants import constant
from orchestr8.language.former import is_now
from orchestr8.language.keywords import IMPORT_PLAYBOOK
from orchestr8.language.plays import read_play
from orchestr8.language.schema import item_place, key_place, kind_of, place, read
from orchestr8.language.search import missing
from orchestr8.language.session import Session, Where, folder
from orchestr8.language.syntax import Play


def read_playbook(path: str, chain: tuple[str, ...], session: Session) -> Iterator[Play]:
    """Yield the plays of a file, those of imported playbooks in their places."""
    session = replace(session, playbook_dir=folder(path))
    session.plugins.beside(session.playbook_dir)
    session.catalog.own.playbook(session.playbook_dir)
    document = session.files.read(path)
    session.findings.add(*document.diagnostics)
    if document.failed and document.value is None:
        return
    if not isinstance(document.value, list):
        hint = (
            "put `- ` before the first keyword of each play" if isinstance(document.value, Mapping) else None
        )
        message = f"a playbook has to be a list of plays, not {kind_of(document.value)}"
        session.findings.error("O8-1102", message, document.span, hint)
        return
    if not document.value:
        session.findings.error("O8-1102", "A playbook must contain at least one play", document.span)
    for index, item in enumerate(document.value):
        yield from _entry(item, item_place(document.value, index), (*chain, path), session)


def _entry(item: Any, span: Span | None, chain: tuple[str, ...], session: Session) -> Iterator[Play]:
    file = chain[-1]
    if not isinstance(item, Mapping):
        session.findings.error("O8-1102", f"a play has to be a mapping, not {kind_of(item)}", span)
        return
    name = next((key for key in item if builtin.bare(str(key)) == "import_playbook"), None)
    if name is None and "include" in item and "hosts" not in item:
        where, message = key_place(item, "include"), "`include` is not a keyword of a play"
        session.findings.error("O8-1101", message, where, is_now("import_playbook"))
        return
    if name is None:
        yield read_play(item, file, session)
        return
    yield from _imported(item, name, chain, session)


def _imported(item: Mapping, key: str, chain: tuple[str, ...], session: Session) -> Iterator[Play]:
    source = Mapping((("import_playbook" if k == key else k, v) for k, v in item.items()), item.span)
    source.key_spans = {**item.key_spans, "import_playbook": item.key_spans[key]}
    source.value_spans = {**item.value_spans, "import_playbook": item.value_spans[key]}
    values = read(source, IMPORT_PLAYBOOK, "`import_playbook`", session.findings)
    if "import_playbook" not in values:
        return
    name = constant(values["import_playbook"], Where(chain[-1], names=values.get("vars", {})), session)
    if name is None:
        return
    beside = os.path.normpath(os.path.join(folder(chain[-1]), os.path.expanduser(name)))
    inside = collection_playbooks(name, roots(session.playbook_dir, session.collections_path))
    places = [beside, *inside]
    path = next(filter(os.path.isfile, places), beside)
    span = place(source, "import_playbook")
    if not os.path.isfile(path):
        session.findings.add(replace(missing(name, places, what="playbook"), span=span))
    elif path in chain:
        message = "playbooks import each other in a circle: " + " → ".join(
            [*chain[chain.index(path) :], path]
        )
        session.findings.error("O8-1404", message, span)
    else:
        for play in read_playbook(path, chain, session):
            yield _with(play, values)


def collection_playbooks(name: str, where: Iterable[str]) -> list[str]:
    """Return the files that a full name such as `ns.col.site` may stand for.

    where: folders `ansible_collections`.
    """
    if name.count(".") < 2 or os.sep in name:
        return []
    namespace, collection, *inner = name.split(".")
    stems = [os.path.join(root, namespace, collection, "playbooks", *inner) for root in where]
    return [f"{stem}{ending}" for stem in stems for ending in (".yml", ".yaml")]


def _with(play: Play, values: dict[str, Any]) -> Play:
    """Return a play with the keywords of the import that brought it."""
    own = play.keywords
    variables = Mapping({**own.vars, **values.get("vars", {})}.items(), own.vars.span)
    outer = values.get("vars")
    if isinstance(outer, Mapping):
        variables.key_spans = {**own.vars.key_spans, **outer.key_spans}
        variables.value_spans = {**own.vars.value_spans, **outer.value_spans}
    words = replace(
        own,
        vars=variables,
        tags=(*values.get("tags", ()), *own.tags),
        when=(*values.get("when", ()), *own.when),
    )
    return replace(play, keywords=words)
