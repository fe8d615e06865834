"""What reading needs to know: the modules there are, the files read so far, and where one stands in them."""

from __future__ import annotations

import os
from collections.abc import Mapping as Map
from dataclasses import dataclass, field, replace
from typing import Any

from orchestr8.core.errors import Diagnostic
from orchestr8.core.span import Span
from orchestr8.language.catalog import Catalog
from orchestr8.language.files import Files
from orchestr8.language.findings import Findings
from orchestr8.language.search import Search
from orchestr8.language.syntax import Node, RoleUse, Task
from orchestr8.template.plugins.shelf import Plugins

Foreseen = tuple[Node, ...] | RoleUse


@dataclass(frozen=True, slots=True)
class Session:
    """One reading of files. foreseen: what includes with a constant name will bring, for checks only."""

    catalog: Catalog
    files: Files
    findings: Findings
    playbook_dir: str = "."
    roles_path: tuple[str, ...] = ()
    extra_vars: Map[str, Any] = field(default_factory=dict)
    foreseen: dict[Task, Foreseen] = field(default_factory=dict)
    visited: set[str] = field(default_factory=set)
    look_ahead: bool = True
    collections_path: tuple[str, ...] = ()
    private_roles: bool | None = None
    plugins: Plugins = field(default_factory=Plugins)

    def quiet(self, findings: Findings) -> Session:
        """Return this session with other findings."""
        return replace(self, findings=findings)

    def document(self, path: str) -> Any:
        """Return the value of a file, noting what is wrong with it; None when it cannot be read."""
        document = self.files.read(path)
        self.findings.add(*document.diagnostics)
        return document.value


@dataclass(frozen=True, slots=True)
class Where:
    """Where tasks stand.

    nested: inside a block, or in a file that was imported or included.
    chain: the files and roles whose imports led here. conditional: the tasks may never run. tolerant: their
    failure is expected or rescued. notify: the enclosing block's. defaulted: modules with module_defaults.
    names: variables whose values are known before the run. uses: collects the roles of the play.
    collections: those whose roles may be named without theirs.
    """

    source: str
    role: RoleUse | None = None
    chain: tuple[str, ...] = ()
    role_paths: tuple[str, ...] = ()
    handlers: bool = False
    nested: bool = False
    conditional: bool = False
    tolerant: bool = False
    notify: tuple[Any, ...] = ()
    defaulted: frozenset[str] = frozenset()
    names: Map[str, Any] = field(default_factory=dict)
    uses: list[RoleUse] = field(default_factory=list)
    collections: tuple[Any, ...] = ()

    def search(self, session: Session) -> Search:
        """Return how files are found from here."""
        return Search(self.source, session.playbook_dir, self.role_paths)

    def under(self, values: Map[str, Any]) -> Where:
        """Return the place inside a block or task with these keywords."""
        spared = values.get("ignore_errors") not in (None, False) or bool(values.get("rescue"))
        named = {
            name for group in values.get("module_defaults", ()) if isinstance(group, dict) for name in group
        }
        return replace(
            self,
            conditional=self.conditional or bool(values.get("when")),
            tolerant=self.tolerant or spared or "failed_when" in values,
            notify=values.get("notify", self.notify),
            defaulted=self.defaulted | {str(name).rpartition(".")[2] for name in named},
            names={**self.names, **values["vars"]} if values.get("vars") else self.names,
            collections=tuple(values.get("collections") or self.collections),
        )

    def report(self, session: Session, diagnostic: Diagnostic, *, spared: bool | None = None) -> None:
        """Note a mistake that Ansible meets at run time: only a warning where a failure is expected."""
        if self.tolerant if spared is None else spared:
            diagnostic = replace(diagnostic, severity="warning")
        session.findings.add(diagnostic)


def folder(path: str) -> str:
    """Return the folder of a file as the user would write it."""
    return os.path.dirname(path) or "."


def nowhere(path: str) -> Span:
    """Return the beginning of a file."""
    return Span(path, 1, 1)
