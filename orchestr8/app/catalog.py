"""Which modules and actions there are: the files of two folders, loaded when first used."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import cast

from orchestr8.app.collections import qualified
from orchestr8.app.settings import Settings
from orchestr8.engine.services.engine_api import DockerAction
from orchestr8.engine.work import Action
from orchestr8.language.catalog import Catalog, ModuleSpec, remote_spec
from orchestr8.language.own_modules import OwnModules

ALIASES = {
    "systemd_service": "systemd",
    "dnf5": "dnf",
    "yum": "dnf",
}
"""Other names that playbooks use for a module, beside those of collections."""

_SUPPORT = {
    "__init__",
    "transfer",
    "tree",
    "docker_making",
    "docker_resources",
    "docker_wishes",
    "docker_compare",
    "docker_spec",
    "docker_filters",
    "docker_connection",
    "docker_endpoints",
    "docker_env_file",
}
_DOCKER = "docker_"
_HIDDEN_PREFIX = "o8_"


class Actions(Mapping[str, Action]):
    """The actions on the controller by name; a file is imported when its action is looked up."""

    def __init__(self) -> None:
        self._files = {_shown(name): name for name in _files("orchestr8.actions")}

    def __getitem__(self, name: str) -> Action:
        run: Action = import_module(f"orchestr8.actions.{self._files[name]}").run
        if name.startswith(_DOCKER):
            from orchestr8.app.docker_actions import with_engine

            return with_engine(cast("DockerAction", run))
        return run

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)

    def spec(self, name: str) -> ModuleSpec:
        """Return what an action takes."""
        spec: ModuleSpec = import_module(f"orchestr8.actions.{self._files[name]}").SPEC
        if name.startswith(_DOCKER):
            from orchestr8.actions.docker_connection import connected

            return connected(spec)
        return spec


def catalog(actions: Actions, library: Iterable[str] = ()) -> Catalog:
    """Return the catalog of modules on hosts and actions on the controller.

    library: paths of folders (`a:b`) in which modules of the user's own are looked for first.
    """
    modules = (name for name in _files("orchestr8.remote.modules") if not name.startswith(_HIDDEN_PREFIX))
    sources: dict[str, Callable[[], ModuleSpec]] = {name: partial(remote_spec, name) for name in modules}
    sources |= {name: partial(actions.spec, name) for name in actions}
    settings = Settings()
    asked = [folder for path in library for folder in path.split(os.pathsep) if folder]
    own = OwnModules((*asked, *settings["LIBRARY"]), settings["MODULE_UTILS"], settings["COLLECTIONS_PATH"])
    return Catalog(sources, {**ALIASES, **qualified(sources)}, own)


def _files(package: str) -> list[str]:
    found = importlib.util.find_spec(package)
    folder = Path(found.submodule_search_locations[0] if found and found.submodule_search_locations else ".")
    names = [entry.removesuffix(".py") for entry in sorted(os.listdir(folder)) if entry.endswith(".py")]
    return [name for name in names if name not in _SUPPORT]


def _shown(name: str) -> str:
    return name.rstrip("_")
