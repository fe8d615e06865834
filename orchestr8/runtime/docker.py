"""The Docker engine of one host, through the docker SDK over the host's own connection."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from ipaddress import ip_network
from typing import Any

from docker.auth import load_config, resolve_repository_name
from docker.errors import APIError, ImageNotFound, NotFound

from orchestr8.core.errors import Diagnostic
from orchestr8.deploy import naming
from orchestr8.deploy.model import ServiceSpec
from orchestr8.engine.ports import ByteStream
from orchestr8.engine.services.ports import EngineError, EngineRefused, Post, Sight
from orchestr8.runtime.client import EngineClient
from orchestr8.runtime.container_config import aliases, container_config, limits_config
from orchestr8.runtime.errors import engine_errors, half_started
from orchestr8.runtime.look import Ask, look
from orchestr8.runtime.output import demultiplex

_STOP_MARGIN = 20


class DockerRuntime:
    """One host's engine. Connects at the first call; safe to use from several threads."""

    def __init__(self, host: str, open_stream: Callable[[], ByteStream], ask: Ask) -> None:
        self._host = host
        self._ask = ask
        self._open_stream = open_stream
        self._client: Any = None
        self._heard: Sequence[Mapping[str, Any]] | None = None

    def _engine(self) -> Any:
        if self._client is None:
            client = EngineClient(self._open_stream)
            client.agree()
            self._client = client
        return self._client

    def look(self, project: str, labels: Mapping[str, str]) -> Sight:
        """Return the host's size, what strangers take of it, and a project's containers: one round trip.

        Who listens on its ports is what the first look has found: proxies of containers come and go.
        """
        seen, self._heard = look(self._ask, self._host, project, labels, self._heard)
        return seen

    def resolve(self, image: str, policy: str) -> str:
        """Return the exact reference a tag stands for: the registry's word, else the host's own image.

        policy: `never` asks the host only, `always` the registry only.
        """
        with engine_errors(self._host, f"resolve {image}"):
            engine = self._engine()
            if "@sha256:" in image:
                return image
            local = self._local(engine, image) if policy != "always" else None
            if policy == "never":
                return local or self._lacking(image)
            try:
                answer = engine.inspect_distribution(image, auth_config=self._auth(image))
            except APIError:
                if local is None:
                    raise
                return local
        repository = image.rsplit(":", 1)[0] if ":" in image.rsplit("/", 1)[-1] else image
        return f"{repository}@{answer['Descriptor']['digest']}"

    def _lacking(self, image: str) -> str:
        raise EngineRefused(_refusal(f"{self._host}: pull_policy is never and {image} is not there"))

    def _local(self, engine: Any, image: str) -> str | None:
        try:
            answer = engine.inspect_image(image)
        except ImageNotFound:
            return None
        digests = answer.get("RepoDigests") or []
        return str(digests[0] if digests else answer["Id"])

    def _auth(self, image: str) -> dict[str, Any] | None:
        registry, _ = resolve_repository_name(image)
        found = load_config().resolve_authconfig(registry)
        return dict(found) if found else None

    def pull(self, reference: str, progress: Callable[[str], None]) -> None:
        """Have the image on the host; a pull that shows no progress for a minute is given up."""
        with engine_errors(self._host, f"pull {reference}"):
            engine = self._engine()
            if self._local(engine, reference):
                return
            stream = engine.pull(
                reference, stream=True, decode=True, auth_config=self._auth(reference) or None
            )
            for line in stream:
                if error := line.get("error"):
                    raise EngineRefused(_refusal(f"{self._host}: cannot pull {reference}: {error}"))
                if line.get("status"):
                    progress(str(line["status"]))

    def pin(self, reference: str, tag: str) -> None:
        """Keep an image by a tag of ours."""
        repository, _, version = tag.rpartition(":")
        with engine_errors(self._host, f"keep {reference}"):
            self._engine().tag(reference, repository, version)

    def unpin(self, tag: str) -> None:
        """Remove a tag of ours; nothing when it is not there."""
        with engine_errors(self._host, f"let go of {tag}"):
            try:
                self._engine().remove_image(tag, noprune=False)
            except ImageNotFound:
                return

    def create(
        self, name: str, spec: ServiceSpec, labels: Mapping[str, str], files: Mapping[str, str] | None = None
    ) -> str:
        """Create a container; one of that name with the same spec is taken as it is."""
        with engine_errors(self._host, f"create {name}"):
            engine = self._engine()
            try:
                made = engine.create_container_from_config(container_config(spec, labels, files or {}), name)
            except APIError as error:
                if error.response is None or error.response.status_code != 409:
                    raise
                return self._existing(engine, name, labels)
            for network in spec.workload.networks[1:]:
                engine.connect_container_to_network(made["Id"], network.name, aliases=aliases(spec, network))
        return str(made["Id"])

    def _existing(self, engine: Any, name: str, labels: Mapping[str, str]) -> str:
        answer = engine.inspect_container(name)
        theirs = answer["Config"].get("Labels") or {}
        if any(theirs.get(key) != labels[key] for key in (naming.PROJECT, naming.SPEC_HASH)):
            text = f"{self._host}: the name {name} is taken by a container that is not this revision's"
            raise EngineRefused(_refusal(text))
        return str(answer["Id"])

    def start(self, name: str) -> None:
        """Start a container; one that an engine's death left half started is removed, to be made anew."""
        with engine_errors(self._host, f"start {name}"):
            try:
                self._engine().start(name)
            except APIError as error:
                if not half_started(str(error.explanation)):
                    raise
                self._engine().remove_container(name, force=True)
                text = f"{self._host}: the engine had left {name} half started; it is made anew"
                raise EngineError(Diagnostic("O8-3101", text)) from None

    def stop(self, name: str, grace: float) -> None:
        """Stop a container; returns when it has exited."""
        with engine_errors(self._host, f"stop {name}"):
            engine = self._engine()
            try:
                engine.stop(name, timeout=int(grace))
                engine.wait(name, timeout=int(grace) + _STOP_MARGIN)
            except NotFound:
                return

    def remove(self, name: str) -> None:
        """Remove a stopped container and its anonymous volumes."""
        with engine_errors(self._host, f"remove {name}"):
            try:
                self._engine().remove_container(name, v=True)
            except NotFound:
                return

    def update(self, name: str, spec: ServiceSpec) -> None:
        """Set limits of a running container."""
        with engine_errors(self._host, f"update {name}"):
            engine = self._engine()
            url = engine._url("/containers/{0}/update", name)  # noqa: SLF001 -- the SDK lacks NanoCpus here
            engine._raise_for_status(engine._post_json(url, data=limits_config(spec.workload.limits)))  # noqa: SLF001

    def execute(self, name: str, command: Sequence[str], timeout: float) -> tuple[int, str]:
        """Run a command in a container."""
        with engine_errors(self._host, f"run {command[0]} in {name}"):
            engine = self._engine()
            made = engine.exec_create(name, list(command))
            url = engine._url("/exec/{0}/start", made["Id"])  # noqa: SLF001 -- the SDK polls a real socket
            response = engine._post_json(  # noqa: SLF001
                url, data={"Detach": False, "Tty": False}, stream=True, timeout=timeout
            )
            output = demultiplex(response.raw)
            code = engine.exec_inspect(made["Id"]).get("ExitCode")
        return int(code if code is not None else -1), output.decode("utf-8", "replace")

    def post_mortem(self, name: str, lines: int = 20) -> Post:
        """Return how a container ended and what it said last."""
        with engine_errors(self._host, f"inspect {name}"):
            engine = self._engine()
            try:
                answer = engine.inspect_container(name)
            except NotFound:
                return Post(state="gone")
            log = engine.logs(name, tail=lines).decode("utf-8", "replace")
            code, oom = _last_end(engine, answer)
        state = answer["State"]
        probes = [p.get("Output", "").strip() for p in (state.get("Health") or {}).get("Log") or ()]
        return Post(
            exit_code=code,
            oom=oom,
            state=str(state.get("Status") or ""),
            probes=tuple(probes),
            log=tuple(log.splitlines()),
            detail={"error": state.get("Error") or ""},
        )

    def ensure_network(self, name: str) -> None:
        """Have a bridge network."""
        with engine_errors(self._host, f"create network {name}"):
            engine = self._engine()
            if not engine.networks(names=[name]):
                engine.create_network(name, driver="bridge", check_duplicate=True)

    def gateway(self) -> str:
        """Return the bridge's own address, for which Docker lets `host-gateway` stand."""
        with engine_errors(self._host, "look at the network `bridge`"):
            told = self._engine().inspect_network("bridge")["IPAM"]["Config"] or ()
        for each in told:
            if found := each.get("Gateway") or _first_address(each.get("Subnet", "")):
                return str(found)
        text = f"{self._host}: Docker's network `bridge` has no address by which containers reach the host"
        raise EngineRefused(_refusal(text))

    def ensure_volume(self, name: str, labels: Mapping[str, str]) -> None:
        """Have a volume; creating one that exists changes nothing."""
        with engine_errors(self._host, f"create volume {name}"):
            self._engine().create_volume(name, labels=dict(labels))


def _first_address(subnet: str) -> str:
    """Return what Docker takes for a bridge that is given no address: the first one."""
    return str(next(ip_network(subnet).hosts(), "")) if subnet else ""


def _last_end(engine: Any, answer: dict[str, Any]) -> tuple[int | None, bool]:
    """Return the code a container ended with last, and whether its memory was too little.

    Of one that runs again only the engine's events know.
    """
    state = answer["State"]
    if not state.get("Running"):
        return int(state.get("ExitCode") or 0), bool(state.get("OOMKilled"))
    if not answer.get("RestartCount"):
        return None, False
    filters = {"container": [answer["Id"]], "event": ["die", "oom"]}
    began, now = _stamp(answer["Created"]), _stamp(engine.info()["SystemTime"])
    found = list(engine.events(since=began, until=now, filters=filters, decode=True))
    codes = [e["Actor"]["Attributes"].get("exitCode") for e in found if e["Action"] == "die"]
    code = int(codes[-1]) if codes and codes[-1] is not None else None
    return code, any(e["Action"] == "oom" for e in found)


def _stamp(moment: str) -> str:
    """Return the engine's date in the form that its events take: seconds and a fraction."""
    whole, _, fraction = moment.removesuffix("Z").partition(".")
    return f"{int(datetime.fromisoformat(whole + '+00:00').timestamp())}.{fraction:0<9.9}"


def _refusal(text: str) -> Diagnostic:
    return Diagnostic("O8-3102", text)
