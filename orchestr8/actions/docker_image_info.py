"""docker_image_info: what a host's engine knows of images."""

from __future__ import annotations

from typing import Any

from orchestr8.actions.docker_image import inspect, reference
from orchestr8.engine.services.engine_api import EngineApi
from orchestr8.engine.work import Work
from orchestr8.language.catalog import ModuleSpec
from orchestr8.remote.module import Arg

SPEC = ModuleSpec(
    name="docker_image_info",
    controller=True,
    doc="Tell what a host's engine knows of images.",
    args={"name": Arg("list", "The images, with or without their tags; all without it.", elements="str")},
)


def run(work: Work, engine: EngineApi) -> dict[str, Any]:
    """Return the images that are there, as the engine tells of each."""
    names = work.args.get("name")
    if names is None:
        names = [image["Id"] for image in engine.ask("GET", "/images/json")]
    found = [inspect(engine, reference(str(name), "latest")) for name in names]
    return {"changed": False, "images": [image for image in found if image is not None]}
