"""The variables a task sees on a host: layers in Ansible's order of precedence, shared and never copied."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from orchestr8.compile.context import Context
from orchestr8.engine.assumed import Assumed
from orchestr8.engine.host_state import HostState
from orchestr8.engine.options import RunOptions
from orchestr8.language.syntax import Keywords, RoleUse, Task
from orchestr8.template.scope import Scope

Layers = tuple[Mapping[str, Any], ...]
COMPATIBLE = (2, 19, 0)
_CONNECTING = {"connection": "ansible_connection", "remote_user": "ansible_user", "port": "ansible_port"}


class StepLayers:
    """The layers of one task that are the same on every host, weakest parts last within each group."""

    __slots__ = ("assumed", "base", "lower", "middle", "upper")

    def __init__(
        self, context: Context, task: Task | None, play: PlayLayers, keywords: Keywords | None = None
    ) -> None:
        own = (task.keywords.vars,) if task and task.keywords.vars else ()
        roles = context.roles
        search = ({"ansible_search_path": _search_path(roles, task.source, play)},) if task else ()
        around = {"environment": list(keywords.environment)} if keywords else {}
        self.upper = (around, *_present(context.params), *(_role_magic(roles) if roles else ()), *search)
        needed = _needed(roles[0]) if roles else ()
        role_vars = _present(use.role.vars for use in (*roles[:1], *needed, *roles[1:]))
        self.middle = (*own, *_present(context.blocks), *role_vars, *play.roles)
        said = {_CONNECTING[word]: getattr(keywords, word) for word in _CONNECTING} if keywords else {}
        self.assumed = _present(
            (Assumed((name, value) for name, value in said.items() if value is not None),)
        )
        self.base = play.base
        self.lower = (*_present(use.role.defaults for use in (*roles, *needed)), *play.lower)


class PlayLayers:
    """The layers of a play: its variables, prompts, files and public roles.

    of_host: finds files of variables whose names are templates. guessed: those of them that the play's own
    keywords see.
    """

    def __init__(
        self, play_vars: Iterable[Mapping[str, Any]], roles: Sequence[RoleUse], magic: dict[str, Any]
    ) -> None:
        public = [use.role for use in reversed(roles) if use.public]
        self.base = _present(play_vars)
        self.roles: Layers = _present(role.vars for role in public)
        self.lower: Layers = _present(role.defaults for role in public)
        self.magic = magic
        self.of_host: Callable[[HostState], Layers] | None = None
        self.guessed: Layers = ()

    def publish(self, use: RoleUse) -> None:
        """Make the variables of a role that was included with `public: true` visible to what follows."""
        self.roles = (*_present((use.role.vars,)), *self.roles)
        self.lower = (*_present((use.role.defaults,)), *self.lower)


class Scopes:
    """Builds scopes; `extra` are the variables of the command line."""

    def __init__(
        self, extra: Mapping[str, Any], weakest: Mapping[str, Any], assumed: Assumed | None = None
    ) -> None:
        self._extra = _present((extra,))
        self._weakest = _present((weakest,))
        self._assumed = _present((assumed or {},))

    def of(self, host: HostState, play: PlayLayers, step: StepLayers) -> Scope:
        """Return what a task sees on a host."""
        return Scope(
            host.magic,
            play.magic,
            *self._extra,
            *step.upper,
            *((host.cache,) if host.cache else ()),
            *((host.included,) if host.included else ()),
            *step.middle,
            *(play.of_host(host) if play.of_host else ()),
            *step.base,
            host.facts,
            host.inventory,
            *step.lower,
            *self._weakest,
            *step.assumed,
            *self._assumed,
            host.assumed,
        )

    def of_host(self, host: HostState, about: Mapping[str, Any] | None = None) -> Scope:
        """Return a host's own variables, as `hostvars` shows them, with those about the run if given."""
        magic = (about,) if about else ()
        return Scope(
            host.magic, *magic, *self._extra, host.cache, host.included, host.facts, host.inventory,
            *self._weakest,
        )  # fmt: skip

    def of_play(self, play: PlayLayers) -> Scope:
        """Return what a play's own keywords see, before any host is known."""
        return Scope(
            play.magic, *self._extra, *play.roles, *play.guessed, *play.base, *play.lower, *self._weakest
        )


def _present(layers: Iterable[Mapping[str, Any]]) -> Layers:
    return tuple(layer for layer in layers if layer)


def _needed(use: RoleUse) -> tuple[RoleUse, ...]:
    """Return every role that a role depends on, the one that was read last first."""
    found: list[RoleUse] = []
    for each in reversed(use.role.uses):
        found += [each, *_needed(each)]
    return tuple(found)


def _search_path(roles: Sequence[RoleUse], source: str, play: PlayLayers) -> list[str]:
    """Return the folders in which a task's files are looked for, the nearest first."""
    own = os.path.dirname(source) or "."
    path = [*(use.role.path for use in roles), own, str(play.magic.get("playbook_dir", "."))]
    return list(dict.fromkeys(map(os.path.abspath, path)))


def _role_magic(roles: Sequence[RoleUse]) -> Layers:
    role = roles[0].role
    magic: dict[str, Any] = {
        "role_name": role.short,
        "ansible_role_name": role.name,
        "role_path": os.path.abspath(role.path),
        "ansible_collection_name": role.collection or None,
    }
    if parents := _includers(roles):
        magic["ansible_parent_role_names"] = [use.role.name for use in parents]
        magic["ansible_parent_role_paths"] = [os.path.abspath(use.role.path) for use in parents]
    return (magic,)


def _includers(roles: Sequence[RoleUse]) -> list[RoleUse]:
    """Return the roles by whose tasks the others came, the nearest first; needing a role is no task."""
    return [outer for inner, outer in pairwise(roles) if inner not in outer.role.uses]


def version() -> dict[str, Any]:
    """Return `ansible_version`: the release whose language this is."""
    major, minor, revision = COMPATIBLE
    full = f"{major}.{minor}.{revision}"
    return {"full": full, "string": full, "major": major, "minor": minor, "revision": revision}


def run_magic(options: RunOptions) -> dict[str, Any]:
    """Return the magic variables that are the same in every play of a run."""
    limit = {"ansible_limit": options.limit} if options.limit else {}
    return {
        **limit,
        "playbook_dir": options.playbook_dir,
        "inventory_dir": options.inventory_dir,
        "inventory_file": options.inventory_file,
        "ansible_version": version(),
        "ansible_check_mode": options.check,
        "ansible_diff_mode": options.diff,
        "ansible_verbosity": options.verbosity,
        "ansible_forks": options.forks,
        "ansible_run_tags": list(options.tags) or ["all"],
        "ansible_skip_tags": list(options.skip_tags),
        "ansible_playbook_python": sys.executable,
        "ansible_config_file": None,
    }
