"""A container engine in memory: the same promises as Docker's, for tests and whoever embeds orchestr8."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from orchestr8.core.errors import Diagnostic
from orchestr8.deploy import naming
from orchestr8.deploy.model import HostFacts, Replica, ServiceSpec, read_claim
from orchestr8.deploy.placement.room import Room
from orchestr8.engine.services.ports import EngineError, EngineRefused, Post, Sight


@dataclass(slots=True)
class MemoryImages:
    """A registry: exact references by tag. down: whether it does not answer."""

    tags: dict[str, str] = field(default_factory=dict)
    down: bool = False


class MemoryRuntime:
    """One host's engine. calls: every change asked for. down: whether it does not answer.

    crashing: references whose containers exit as soon as they start.
    """

    def __init__(self, host: HostFacts, registry: MemoryImages | None = None) -> None:
        self.facts = host
        self.registry = registry or MemoryImages()
        self.replicas: dict[str, Replica] = {}
        self.images: dict[str, str] = {}
        self.pins: dict[str, str] = {}
        self.networks: set[str] = set()
        self.volumes: set[str] = set()
        self.calls: list[tuple[str, str]] = []
        self.crashing: set[str] = set()
        self.down = False
        self._labels: dict[str, Mapping[str, str]] = {}
        self._references: dict[str, str] = {}
        self._made = 0

    def look(self, project: str, labels: Mapping[str, str]) -> Sight:
        """Return what is on the host now."""
        self._answering()
        ours = [r for r in self.replicas.values() if self._labels[r.name].get(naming.PROJECT) == project]
        prefix = naming.keep_tag(project, "", 0).removesuffix(":0")
        pins = frozenset(tag.removeprefix(prefix) for tag in self.pins if tag.startswith(prefix))
        facts = replace(self.facts, labels=labels, images=frozenset(self.images), pins=pins)
        return Sight(facts, tuple(ours))

    def resolve(self, image: str, policy: str) -> str:
        """Return the exact reference of a tag."""
        self._answering()
        local = self.images.get(image) if policy != "always" else None
        if policy != "never" and not self.registry.down and image in self.registry.tags:
            return self.registry.tags[image]
        if local is None:
            raise _refused(f"{self.facts.name}: no such image: {image}")
        return local

    def pull(self, reference: str, progress: Callable[[str], None]) -> None:
        """Have the image on the host."""
        self._called("pull", reference)
        if reference not in self.images and (
            self.registry.down or reference not in self.registry.tags.values()
        ):
            raise _refused(f"{self.facts.name}: cannot pull {reference}")
        progress("pulled")
        self.images[reference] = reference

    def pin(self, reference: str, tag: str) -> None:
        """Keep an image by a tag."""
        self._called("pin", tag)
        self.pins[tag] = reference

    def unpin(self, tag: str) -> None:
        """Let go of a tag."""
        self._called("unpin", tag)
        self.pins.pop(tag, None)

    def create(
        self, name: str, spec: ServiceSpec, labels: Mapping[str, str], files: Mapping[str, str] | None = None
    ) -> str:
        """Create a container, or return the one of that name."""
        del files
        self._called("create", name)
        if name in self.replicas:
            if self._labels[name].get(naming.SPEC_HASH) != labels[naming.SPEC_HASH]:
                raise _refused(f"{self.facts.name}: the name {name} is taken")
            return self.replicas[name].id
        if spec.workload.reference not in self.images:
            raise _refused(f"{self.facts.name}: no such image: {spec.workload.reference}")
        self._made += 1
        self._labels[name] = dict(labels)
        self._references[name] = spec.workload.reference
        self.replicas[name] = _created(f"{self.facts.name}.{self._made}", name, spec, labels, self.facts.name)
        return self.replicas[name].id

    def start(self, name: str) -> None:
        """Start a container; its ports must be free."""
        self._called("start", name)
        replica = self._found(name)
        if replica.live:
            return
        room = Room.of(self.facts)
        for other in self.replicas.values():
            if other.live:
                room.take(other.claim)
        lack = room.lacks(replace(replica.claim, cpus=0.0, memory=0))
        if lack:
            raise _refused(f"{self.facts.name}: port is already allocated ({lack.rstrip('|')})")
        crashes = self._references[name] in self.crashing
        state, code = ("exited", 1) if crashes else ("running", None)
        self.replicas[name] = replace(replica, state=state, exit_code=code)  # type: ignore[arg-type]

    def stop(self, name: str, grace: float) -> None:
        """Stop a container."""
        del grace
        self._called("stop", name)
        replica = self.replicas.get(name)
        if replica is not None and replica.live:
            self.replicas[name] = replace(replica, state="exited", exit_code=0)

    def remove(self, name: str) -> None:
        """Remove a stopped container."""
        self._called("remove", name)
        replica = self.replicas.get(name)
        if replica is not None and replica.live:
            raise _refused(f"{self.facts.name}: {name} runs; it is not removed")
        self.replicas.pop(name, None)

    def update(self, name: str, spec: ServiceSpec) -> None:
        """Set limits."""
        self._called("update", name)
        self.replicas[name] = replace(self._found(name), limits=spec.workload.limits)

    def execute(self, name: str, command: Sequence[str], timeout: float) -> tuple[int, str]:
        """Answer as `true` and `false` do."""
        del timeout
        self._answering()
        self._found(name)
        return (1, "") if command[0] == "false" else (0, "")

    def post_mortem(self, name: str, lines: int = 20) -> Post:
        """Return how a container ended."""
        del lines
        self._answering()
        replica = self.replicas.get(name)
        return Post(state="gone") if replica is None else Post(replica.exit_code, replica.oom, replica.state)

    def ensure_network(self, name: str) -> None:
        """Have a network."""
        self._answering()
        self.networks.add(name)

    def gateway(self) -> str:
        """Return an address."""
        self._answering()
        return "172.17.0.1"

    def ensure_volume(self, name: str, labels: Mapping[str, str]) -> None:
        """Have a volume."""
        del labels
        self._answering()
        self.volumes.add(name)

    def _called(self, what: str, name: str) -> None:
        self._answering()
        self.calls.append((what, name))

    def _answering(self) -> None:
        if self.down:
            raise EngineError(Diagnostic("O8-3101", f"{self.facts.name}: the engine does not run"))

    def _found(self, name: str) -> Replica:
        if name not in self.replicas:
            raise _refused(f"{self.facts.name}: no such container: {name}")
        return self.replicas[name]


def _created(container: str, name: str, spec: ServiceSpec, labels: Mapping[str, str], host: str) -> Replica:
    return Replica(
        container,
        name,
        labels[naming.SERVICE],
        int(labels[naming.SLOT]),
        int(labels[naming.REVISION]),
        labels[naming.SPEC_HASH],
        host,
        "created",
        limits=spec.workload.limits,
        claim=read_claim(labels),
    )


def _refused(text: str) -> EngineRefused:
    return EngineRefused(Diagnostic("O8-3102", text))
