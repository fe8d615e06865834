"""The pair of Caddys that orchestr8 runs on an edge host: in containers, on the host's network."""

from __future__ import annotations

from collections.abc import Mapping

from orchestr8.deploy.model import Mount, ServiceSpec, Workload, labels_of
from orchestr8.engine.services.ports import EngineRefused, Runtime
from orchestr8.traffic.caddy_files import CaddyFiles, first_config

IMAGE = "caddy:2"
OWNER = "o8.edge"
"""The project that containers of balancers are labelled with; they serve all projects of their host."""

_GRACE = 30.0


class ManagedCaddys:
    """Keeps the containers; `files` are those of each half, all in `folder`."""

    def __init__(
        self, runtime: Runtime, folder: str, files: Mapping[str, CaddyFiles], image: str = ""
    ) -> None:
        self._runtime = runtime
        self._folder = folder
        self._files = files
        self._image = image or IMAGE

    def standing(self) -> bool:
        """Whether both run."""
        return all(self._state(half) == "running" for half in self._files)

    def ready(self) -> None:
        """Have both running, of the image that is wanted; another one is put in the old one's place."""
        self._runtime.pull(self._image, lambda _: None)
        for half, files in self._files.items():
            files.begin(first_config(f"{self._folder}/{half}"))
            self._have(half)
            self._runtime.start(_name(half))

    def _have(self, half: str) -> None:
        spec = self._spec(half)
        labels = labels_of(OWNER, spec, 1, 1, "")
        try:
            self._runtime.create(_name(half), spec, labels)
        except EngineRefused:
            if self._state(half) == "gone":
                raise
            self._runtime.stop(_name(half), _GRACE)
            self._runtime.remove(_name(half))
            self._runtime.create(_name(half), spec, labels)

    def _state(self, half: str) -> str:
        return self._runtime.post_mortem(_name(half), lines=1).state

    def _spec(self, half: str) -> ServiceSpec:
        start = ("caddy", "run", "--config", f"{self._folder}/{half}.json")
        mounts = (Mount("bind", self._folder, self._folder),)
        work = Workload(self._image, command=start, mounts=mounts, network_mode="host")
        return ServiceSpec(f"caddy-{half}", work)


def _name(half: str) -> str:
    return f"o8-edge-caddy-{half}"
