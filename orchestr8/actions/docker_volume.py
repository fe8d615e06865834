"""docker_volume: have a volume on a host."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from orchestr8.core.errors import Diagnostic, HostFailed
from orchestr8.engine.services.engine_api import EngineApi
from orchestr8.engine.work import Work
from orchestr8.language.catalog import ModuleSpec
from orchestr8.remote.module import Arg

SPEC = ModuleSpec(
    name="docker_volume",
    controller=True,
    doc="Have a volume on a host.",
    args={
        "name": Arg("str", "The volume.", required=True, aliases=["volume_name"]),
        "state": Arg("str", "Whether it is there.", default="present", choices=["present", "absent"]),
        "driver": Arg("str", "The driver.", default="local"),
        "driver_options": Arg("dict", "Options of the driver.", default={}),
        "labels": Arg("dict", "Labels.", default={}),
        "recreate": Arg("str", "When to make it anew, which loses its data.", default="never",
                        choices=["always", "never", "options-changed"]),
    },
)  # fmt: skip


def run(work: Work, engine: EngineApi) -> dict[str, Any]:
    """Compare and repair; data is lost only where `recreate` says so."""
    name = str(work.args["name"])
    path = f"/volumes/{quote(name, safe='')}"
    found = engine.ask("GET", path)
    if work.args.get("state") == "absent":
        if found is not None and not work.check:
            engine.ask("DELETE", path)
        return {"changed": found is not None, "volume": {}}
    different = found is not None and _differs(work.args, found)
    again = found is not None and _again(work, name, different=different)
    changed = found is None or again
    if changed and not work.check:
        if again:
            engine.ask("DELETE", path)
        engine.ask("POST", "/volumes/create", body=_body(work.args))
        found = engine.ask("GET", path)
    return {"changed": changed, "volume": found or {}}


def _again(work: Work, name: str, *, different: bool) -> bool:
    when = work.args.get("recreate") or "never"
    if different and when == "never":
        text = f"the volume {name} exists with other options; `recreate: options-changed` makes it anew"
        raise HostFailed(Diagnostic("O8-2403", text, work.task.span))
    return when == "always" or (different and when == "options-changed")


def _texts(values: Mapping[str, Any] | None) -> dict[str, str]:
    return {str(k): str(v) for k, v in (values or {}).items()}


def _body(args: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "Name": args["name"],
        "Driver": args.get("driver") or "local",
        "DriverOpts": _texts(args.get("driver_options")),
        "Labels": _texts(args.get("labels")),
    }


def _differs(args: Mapping[str, Any], found: Mapping[str, Any]) -> bool:
    wanted = _body(args)
    if wanted["Driver"] != found.get("Driver"):
        return True
    pairs = (("DriverOpts", "Options"), ("Labels", "Labels"))
    return any(not wanted[a].items() <= (found.get(b) or {}).items() for a, b in pairs)
