"""docker_host_info: what a host's engine says of itself and what it has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from orchestr8.actions.docker_filters import filters
from orchestr8.engine.services.engine_api import EngineApi
from orchestr8.engine.work import Work
from orchestr8.language.catalog import ModuleSpec
from orchestr8.remote.module import Arg

_KINDS = ("containers", "images", "networks", "volumes")
SPEC = ModuleSpec(
    name="docker_host_info",
    controller=True,
    doc="Tell what a host's engine says of itself and what it has.",
    args={
        **{kind: Arg("bool", f"List the {kind}.", default=False) for kind in _KINDS},
        **{f"{kind}_filters": Arg("dict", f"Which {kind} to list.") for kind in _KINDS},
        "containers_all": Arg("bool", "List stopped containers too.", default=False),
        "disk_usage": Arg("bool", "Tell how much space is used.", default=False),
        "verbose_output": Arg("bool", "Tell all that is known of what is listed.", default=False),
    },
)


def run(work: Work, engine: EngineApi) -> dict[str, Any]:
    """Return the engine's own account, and the lists that were asked for."""
    wide = bool(work.args.get("verbose_output"))
    result: dict[str, Any] = {
        "changed": False,
        "can_talk_to_docker": True,
        "host_info": engine.ask("GET", "/info"),
    }
    for kind in _KINDS:
        if work.args.get(kind):
            found = _listed(work, engine, kind)
            result[kind] = found if wide else [_SHORT[kind](item) for item in found]
    if work.args.get("disk_usage"):
        usage = engine.ask("GET", "/system/df")
        result["disk_usage"] = usage if wide else {"LayersSize": usage["LayersSize"]}
    return result


def _listed(work: Work, engine: EngineApi, kind: str) -> list[dict[str, Any]]:
    params: dict[str, Any] = {"filters": filters(work.args.get(f"{kind}_filters"))}
    if kind == "containers":
        params["all"] = bool(work.args.get("containers_all"))
    path = "/volumes" if kind == "volumes" else f"/{kind}" if kind == "networks" else f"/{kind}/json"
    answer = engine.ask("GET", path, params=params)
    return list((answer["Volumes"] or []) if kind == "volumes" else answer)


def _only(*names: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda item: {name: item.get(name) for name in names}


_SHORT = {
    "containers": _only("Id", "Image", "Command", "Created", "Status", "Ports", "Names"),
    "images": _only("Id", "RepoTags", "Created", "Size"),
    "networks": _only("Id", "Driver", "Name", "Scope"),
    "volumes": _only("Driver", "Name"),
}
