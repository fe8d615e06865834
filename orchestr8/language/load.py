"""Reads whole playbooks before a run, and files of tasks and roles during it."""

from __future__ import annotations

import os
from collections.abc import Iterable
from collections.abc import Mapping as Map
from dataclasses import replace
from typing import Any, TypeVar

from orchestr8.core.errors import Diagnostic, InvalidInput
from orchestr8.core.span import Mapping, Span, span_of
from orchestr8.language import roles
from orchestr8.language.catalog import Catalog
from orchestr8.language.files import Files
from orchestr8.language.findings import Findings
from orchestr8.language.handlers import check_notifications
from orchestr8.language.nodes import read_nodes
from orchestr8.language.playbooks import read_playbook
from orchestr8.language.search import missing
from orchestr8.language.session import Session, Where, folder, nowhere
from orchestr8.language.static_files import check_files
from orchestr8.language.syntax import Keywords, Node, Playbook, RoleUse
from orchestr8.template.plugins.shelf import Plugins

_Found = TypeVar("_Found")
_LEAVES_OUT = frozenset(["O8-1106", "O8-1402", "O8-1403", "O8-1406"])


def is_partial(found: Iterable[Diagnostic]) -> bool:
    """Tell whether mistakes left something of a playbook unread, so that it may define more than is known."""
    return any(d.severity == "error" and (d.code.startswith("O8-10") or d.code in _LEAVES_OUT) for d in found)


class Loader:
    """Reads playbooks, and later what they include, with one cache of files and one set of modules."""

    def __init__(
        self,
        catalog: Catalog,
        *,
        files: Files | None = None,
        roles_path: Iterable[str] = (),
        extra_vars: Map[str, Any] | None = None,
        collections_path: Iterable[str] = (),
        private_roles: bool | None = None,
        plugins: Plugins | None = None,
    ) -> None:
        self.plugins = plugins or Plugins()
        self.files = files or Files()
        self._catalog = catalog
        self._roles_path = tuple(roles_path)
        self._collections_path = tuple(collections_path)
        self._private_roles = private_roles
        self._extra_vars = extra_vars or {}

    def playbook(self, paths: Iterable[str]) -> Playbook:
        """Return the plays of all files in order; raise InvalidInput with every mistake in any of them."""
        playbook, found = self.survey(paths)
        if any(d.severity == "error" for d in found):
            raise InvalidInput(*found)
        return playbook

    def survey(self, paths: Iterable[str]) -> tuple[Playbook, tuple[Diagnostic, ...]]:
        """Return what could be read of all files, and everything wrong with them."""
        names = [os.path.normpath(path) for path in paths]
        session = self._session(names[0] if names else ".")
        plays = tuple(play for name in names for play in read_playbook(name, (), session))
        playbook = Playbook(names[0] if names else "", plays, self._extra_vars)
        # A handler may be in what could not be read.
        mild = is_partial(session.findings.all)
        for play in plays:
            check_notifications(play, session.foreseen, session.findings, mild=mild)
        check_files(playbook, session)
        findings = session.findings
        playbook = replace(playbook, warnings=findings.warnings, foreseen=session.foreseen)
        return playbook, findings.all

    def tasks(
        self,
        name: str,
        *,
        source: str,
        playbook_dir: str,
        role: RoleUse | None = None,
        role_paths: tuple[str, ...] = (),
        handlers: bool = False,
        notify: tuple[Any, ...] = (),
    ) -> tuple[Node, ...]:
        """Return the tasks of a file that `include_tasks` names in `source`; raise InvalidInput.

        notify: the handlers of tasks that name none.
        """
        session = self._during(playbook_dir)
        paths = role_paths or ((role.role.path,) if role else ())
        where = Where(source, role, role_paths=paths, handlers=handlers, nested=True, notify=notify)
        path = where.search(session).look(name, "tasks")
        if path is None:
            places = where.search(session).places(name, "tasks")
            raise InvalidInput(missing(name, places, what="file of tasks"))
        inside = replace(where, source=path, chain=(path,))
        found = read_nodes(session.document(path), f"`{path}`", inside, session)
        return _or_fail(found, session)

    def role(
        self,
        name: str,
        *,
        playbook_dir: str,
        span: Span | None = None,
        role_paths: tuple[str, ...] = (),
        parts: Map[str, str] | None = None,
        params: Mapping | None = None,
        keywords: Keywords | None = None,
        public: bool | None = None,
        allow_duplicates: bool = True,
        validated: bool = True,
    ) -> RoleUse:
        """Return the use of a role that `include_role` names; parts: e.g. {"tasks": "install"}."""
        session = self._during(playbook_dir)
        wanted = roles.Wanted(
            name=name,
            span=span or span_of(name) or nowhere(playbook_dir),
            keywords=keywords or Keywords(),
            params=params if params is not None else Mapping(),
            parts=parts or {},
            public=public,
            static=False,
            allow_duplicates=allow_duplicates,
            validated=validated,
        )
        where = Where(os.path.join(playbook_dir, ""), role_paths=role_paths)
        use = roles.read_use(wanted, where, session, read_nodes)
        if use is None:
            session.findings.fail()
        return _or_fail(use, session)

    def _session(self, path: str) -> Session:
        return Session(
            self._catalog,
            self.files,
            Findings(),
            folder(path),
            self._roles_path,
            self._extra_vars,
            collections_path=self._collections_path,
            private_roles=self._private_roles,
            plugins=self.plugins,
        )

    def _during(self, playbook_dir: str) -> Session:
        return replace(self._session("."), playbook_dir=playbook_dir, look_ahead=False)


def _or_fail(found: _Found, session: Session) -> _Found:
    if session.findings.failed:
        session.findings.fail()
    return found


def load_playbook(
    paths: Iterable[str],
    *,
    catalog: Catalog,
    extra_vars: Map[str, Any] | None = None,
    roles_path: Iterable[str] = (),
    files: Files | None = None,
) -> Playbook:
    """Return the plays of playbooks; raise one InvalidInput with every mistake of every file."""
    return Loader(catalog, files=files, roles_path=roles_path, extra_vars=extra_vars).playbook(paths)
