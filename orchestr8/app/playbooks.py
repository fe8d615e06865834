"""Playbooks and inventory as files, read and checked together before any host is contacted."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from orchestr8.app.catalog import Actions, catalog
from orchestr8.app.fleet import open_inventory
from orchestr8.app.options import role_places, run_options
from orchestr8.app.request import RunRequest
from orchestr8.app.secrets import Secrets, secrets
from orchestr8.app.settings import Settings
from orchestr8.app.settings_unheeded import differing
from orchestr8.compile.references import Sources, check_references
from orchestr8.core.errors import Diagnostic, InvalidInput
from orchestr8.core.suggest import did_you_mean
from orchestr8.engine.options import RunOptions
from orchestr8.inventory.inventory import Inventory
from orchestr8.language.catalog import Catalog
from orchestr8.language.handlers import UNKNOWN
from orchestr8.language.load import Loader, is_partial
from orchestr8.language.reading import StaticReader
from orchestr8.language.schema import has_template
from orchestr8.language.session import folder
from orchestr8.language.syntax import Play, Playbook

AT_RUN_TIME = frozenset(["O8-1202", "O8-1203", "O8-1204", "O8-1207", "O8-1401", "O8-1407"])
"""Mistakes in values: they stop a run before it begins, but nobody who only asks what there is."""


@dataclass(frozen=True)
class Project:
    """What the files of a run say, without a mistake; `warnings` stop nothing."""

    playbook: Playbook
    inventory: Inventory
    options: RunOptions
    actions: Actions
    catalog: Catalog
    loader: Loader
    secrets: Secrets
    warnings: tuple[Diagnostic, ...]


def read_project(request: RunRequest) -> Project:
    """Return the project; raise one InvalidInput with every mistake in all of its files."""
    options = run_options(request, request.playbooks[0])
    opened, actions = secrets(request), Actions()
    files = opened.files()
    known = catalog(actions, request.module_path)
    loader = Loader(known, files=files, extra_vars=options.extra_vars, **role_places())
    playbook, mistakes = loader.survey(request.playbooks)
    found = [*differing(Settings()), *mistakes]
    try:
        inventory = open_inventory(request, [folder(path) for path in request.playbooks], files)
        check_limit(inventory, request.limit)
    except InvalidInput as error:
        raise InvalidInput(*found, *error.diagnostics) from None
    found += inventory.warnings
    found += _references(playbook, inventory, loader, partial=is_partial(mistakes))
    if options.missing_handlers:
        found = [replace(d, severity="warning") if d.code == UNKNOWN else d for d in found]
    if request.names_only:
        found = [replace(d, severity="warning") if d.code in AT_RUN_TIME else d for d in found]
    if any(d.severity == "error" for d in found):
        raise InvalidInput(*found)
    return Project(playbook, inventory, options, actions, known, loader, opened, tuple(found))


def check_limit(inventory: Inventory, limit: str | None) -> None:
    """Raise InvalidInput for a limit that leaves nobody: it is mistyped, and doing nothing would hide it."""
    if limit and inventory.hosts and not inventory.select("all", limit) and not _is_empty_file(limit):
        hint = did_you_mean(limit, [*inventory.hosts, *inventory.groups])
        raise InvalidInput(Diagnostic("O8-1511", f"--limit `{limit}` leaves no host to work on", hint=hint))


def _is_empty_file(limit: str) -> bool:
    """Return whether a limit is a file that names nobody: that is no mistyped name."""
    return limit.startswith("@") and not Path(limit[1:]).read_text("utf-8").strip()


def _references(
    playbook: Playbook, inventory: Inventory, loader: Loader, *, partial: bool
) -> tuple[Diagnostic, ...]:
    reader = StaticReader(loader.files)
    sources = Sources(reader.template, reader.variables, reader.line, loader.plugins)
    idle = functools.partial(_is_idle, inventory)
    return check_references(playbook, set(_names(inventory)), sources, partial=partial, idle=idle)


def _is_idle(inventory: Inventory, play: Play) -> bool:
    """Return whether a play is for nobody there is: variables of its groups may come with their hosts."""
    if not inventory.hosts or not isinstance(play.hosts, (str, list)) or has_template(play.hosts):
        return False
    try:
        return not inventory.select(play.hosts)
    except InvalidInput:
        return False


def _names(inventory: Inventory) -> Iterator[str]:
    """Yield every variable name the inventory defines; layers that hosts share are read once."""
    seen: set[int] = set()
    implicit = inventory.host("localhost")
    for host in (*inventory.hosts.values(), *((implicit,) if implicit else ())):
        for _, layer in inventory.layers_for(host):
            if id(layer) not in seen:
                seen.add(id(layer))
                yield from layer
