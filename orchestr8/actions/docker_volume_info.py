"""docker_volume_info: what a host's engine knows of a volume."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from orchestr8.engine.services.engine_api import EngineApi
from orchestr8.engine.work import Work
from orchestr8.language.catalog import ModuleSpec
from orchestr8.remote.module import Arg

SPEC = ModuleSpec(
    name="docker_volume_info",
    controller=True,
    doc="Tell what a host's engine knows of a volume.",
    args={"name": Arg("str", "The volume's name.", required=True, aliases=["volume_name"])},
)


def run(work: Work, engine: EngineApi) -> dict[str, Any]:
    """Return it as the engine tells it; `exists` is False when there is none."""
    found = engine.ask("GET", f"/volumes/{quote(str(work.args['name']), safe='')}")
    return {"changed": False, "exists": found is not None, "volume": found}
