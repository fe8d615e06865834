"""The variables a playbook sets for a host, by the play that sets them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from orchestr8.app.playbooks import Project, read_project
from orchestr8.app.request import RunRequest
from orchestr8.app.variables import HostVariables, host_of
from orchestr8.core.errors import Diagnostic, InvalidInput, O8Error
from orchestr8.core.span import Origin
from orchestr8.engine.scopes import PlayLayers, Scopes, run_magic
from orchestr8.language.schema import has_template
from orchestr8.language.search import Search
from orchestr8.language.syntax import Play
from orchestr8.template.templar import Templar

_Layer = tuple[Origin, Mapping[str, Any]]


def variables_in_plays(request: RunRequest, name: str) -> list[HostVariables]:
    """Return a host's variables in each play that works on it; raise InvalidInput when none does.

    They are those that all of a play's tasks see: its own and its roles'. Blocks and tasks may set more.
    """
    project = read_project(request)
    host = host_of(project.inventory, name)
    inventory = list(project.inventory.layers_for(host))
    found = []
    for number, play in enumerate(project.playbook.plays, 1):
        if host.name in _chosen(project, play):
            layers = [*_defaults(play), *inventory, *_own(project, play), *_roles(play)]
            if project.options.extra_vars:
                layers.append((Origin("command line"), project.options.extra_vars))
            found.append(HostVariables(host.name, layers, _title(play, number)))
    if not found:
        books = ", ".join(request.playbooks)
        raise InvalidInput(Diagnostic("O8-1510", f"no play of {books} works on `{host.name}`"))
    return found


def _title(play: Play, number: int) -> str:
    return f"play {number}" + (f" ({play.keywords.name})" if play.keywords.name else "")


def _chosen(project: Project, play: Play) -> set[str]:
    layers = PlayLayers([play.keywords.vars], (), run_magic(project.options))
    scope = Scopes(project.options.extra_vars, {}).of_play(layers)
    try:
        pattern = Templar().render(play.hosts, scope)
    except O8Error:
        return set(project.inventory.hosts)  # only the run knows
    return {host.name for host in project.inventory.select(pattern, project.options.limit)}


def _defaults(play: Play) -> Iterator[_Layer]:
    for use in play.role_uses:
        if use.public and use.role.defaults:
            yield Origin(f"defaults of role {use.role.name}"), use.role.defaults


def _roles(play: Play) -> Iterator[_Layer]:
    for use in play.role_uses:
        if use.public and use.role.vars:
            yield Origin(f"vars of role {use.role.name}"), use.role.vars


def _own(project: Project, play: Play) -> Iterator[_Layer]:
    if play.keywords.vars:
        yield Origin("vars of the play"), play.keywords.vars
    for prompt in play.vars_prompt:
        yield Origin("vars_prompt"), {prompt.name: prompt.options.get("default")}
    search = Search(play.source, project.options.playbook_dir)
    for entry in play.vars_files:
        choices = entry if isinstance(entry, list | tuple) else [entry]
        paths = [search.look(str(choice), "vars") for choice in choices if not has_template(choice)]
        path = next((path for path in paths if path), None)
        value = project.loader.files.read(path).value if path else None
        if isinstance(value, Mapping):
            yield Origin("vars_files"), value
