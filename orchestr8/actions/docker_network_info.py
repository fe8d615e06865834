"""docker_network_info: what a host's engine knows of a network."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from orchestr8.engine.services.engine_api import EngineApi
from orchestr8.engine.work import Work
from orchestr8.language.catalog import ModuleSpec
from orchestr8.remote.module import Arg

SPEC = ModuleSpec(
    name="docker_network_info",
    controller=True,
    doc="Tell what a host's engine knows of a network.",
    args={"name": Arg("str", "The network's name or id.", required=True)},
)


def run(work: Work, engine: EngineApi) -> dict[str, Any]:
    """Return it as the engine tells it; `exists` is False when there is none."""
    found = engine.ask("GET", f"/networks/{quote(str(work.args['name']), safe='')}")
    return {"changed": False, "exists": found is not None, "network": found}
