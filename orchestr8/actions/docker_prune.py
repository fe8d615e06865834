"""docker_prune: remove what a host's engine does not need."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from orchestr8.actions.docker_filters import filters
from orchestr8.engine.services.engine_api import EngineApi
from orchestr8.engine.work import Work
from orchestr8.language.catalog import ModuleSpec
from orchestr8.remote.module import Arg

_KINDS = {
    "containers": "ContainersDeleted",
    "images": "ImagesDeleted",
    "networks": "NetworksDeleted",
    "volumes": "VolumesDeleted",
}
_LONGEST = 600.0
SPEC = ModuleSpec(
    name="docker_prune",
    controller=True,
    check_mode=False,
    doc="Remove what a host's engine does not need.",
    args={
        **{kind: Arg("bool", f"Remove unneeded {kind}.", default=False) for kind in _KINDS},
        **{f"{kind}_filters": Arg("dict", f"Which {kind} to remove.") for kind in _KINDS},
        "builder_cache": Arg("bool", "Remove the builder's cache.", default=False),
        "builder_cache_all": Arg("bool", "Remove all kinds of it.", default=False),
        "builder_cache_filters": Arg("dict", "Which of it to remove."),
        "builder_cache_keep_storage": Arg("bytes", "How much of it to keep, such as 10G."),
    },
)


def run(work: Work, engine: EngineApi) -> dict[str, Any]:
    """Remove each kind that was asked for; return what went and how many bytes that freed."""
    result: dict[str, Any] = {"changed": False}
    for kind, key in _KINDS.items():
        if work.args.get(kind):
            params = {"filters": filters(work.args.get(f"{kind}_filters"))}
            _note(result, kind, key, engine.ask("POST", f"/{kind}/prune", params=params, timeout=_LONGEST))
    if work.args.get("builder_cache"):
        answer = engine.ask("POST", "/build/prune", params=_builder(work.args), timeout=_LONGEST)
        _note(result, "builder_cache", "CachesDeleted", answer)
        result["builder_cache_caches_deleted"] = result.pop("builder_cache")
    return result


def _note(result: dict[str, Any], kind: str, key: str, answer: Mapping[str, Any]) -> None:
    gone = answer.get(key) or []
    freed = int(answer.get("SpaceReclaimed") or 0)
    result[kind] = gone
    if kind != "networks":
        result[f"{kind}_space_reclaimed"] = freed
    result["changed"] = bool(result["changed"] or gone or freed)


def _builder(args: Mapping[str, Any]) -> dict[str, Any]:
    params: dict[str, Any] = {"filters": filters(args.get("builder_cache_filters"))}
    if args.get("builder_cache_all"):
        params["all"] = "true"
    if args.get("builder_cache_keep_storage"):
        params["keep-storage"] = args["builder_cache_keep_storage"]
    return params
