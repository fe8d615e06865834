"""What the engine's answers mean in the words of the deployment core."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

from orchestr8.deploy import naming
from orchestr8.deploy.observed import HostFacts, Listener, Replica
from orchestr8.deploy.service import Claim
from orchestr8.deploy.workload import Limits, Restart

Answer = Mapping[str, Any]
_NANO = 1_000_000_000
_ARCHES = {"x86_64": "amd64", "aarch64": "arm64", "armv7l": "arm"}
_NEVER = "0001-01-01T00:00:00Z"


def replica(answer: Answer, host: str) -> Replica:
    """Return a container of ours from what `inspect` answers, or the module `o8_look` leaves of that."""
    labels: Mapping[str, str] = answer["Config"].get("Labels") or {}
    state: Answer = answer["State"]
    network: Answer = answer.get("NetworkSettings") or {}
    config: Answer = answer.get("HostConfig") or {}
    return Replica(
        id=answer["Id"],
        name=str(answer["Name"]).lstrip("/"),
        service=labels[naming.SERVICE],
        slot=int(labels.get(naming.SLOT, 0)),
        revision=int(labels.get(naming.REVISION, 0)),
        spec_hash=labels.get(naming.SPEC_HASH, ""),
        host=host,
        state=cast("Any", state.get("Status", "dead")),
        health=cast("Any", _health(state)),
        restarts=int(answer.get("RestartCount") or 0),
        exit_code=None if state.get("Running") else state.get("ExitCode"),
        oom=bool(state.get("OOMKilled")),
        started_at=_moment(state.get("StartedAt")),
        finished_at=_moment(state.get("FinishedAt")),
        limits=_limits(config),
        claim=naming.read_claim(labels),
        addresses=_addresses(network),
        published=_published(network.get("Ports") or {}) or _published(config.get("PortBindings") or {}),
    )


def _health(state: Answer) -> str:
    status = str((state.get("Health") or {}).get("Status") or "")
    return "" if status == "none" else status


def _moment(text: object) -> str:
    return "" if text in (None, _NEVER) else str(text)


def _limits(config: Answer) -> Limits:
    policy: Answer = config.get("RestartPolicy") or {}
    pids = config.get("PidsLimit") or 0
    return Limits(
        cpus=(config.get("NanoCpus") or 0) / _NANO or None,
        memory=config.get("Memory") or None,
        pids=pids if pids > 0 else None,
        restart=Restart(policy.get("Name") or "no", int(policy.get("MaximumRetryCount") or 0)),
    )


def _addresses(network: Answer) -> dict[str, str]:
    networks: Answer = network.get("Networks") or {}
    return {name: one["IPAddress"] for name, one in networks.items() if one.get("IPAddress")}


def _published(ports: Answer) -> dict[str, int]:
    """Return host ports that are known; a container that has stopped knows those that it asks for."""
    known = {port: str(found[0].get("HostPort") or "") for port, found in ports.items() if found}
    return {port: int(number) for port, number in known.items() if number.strip("0").isdigit()}


def stranger(answer: Answer) -> Claim:
    """Return what a running container that is not ours takes, from a line of the engine's list."""
    ports = {
        (_any_address(port.get("IP")), int(port["PublicPort"]), str(port.get("Type") or "tcp"))
        for port in answer.get("Ports") or ()
        if port.get("PublicPort")
    }
    return Claim(ports=tuple(sorted(ports)))


def listeners(found: Iterable[Answer], others: Iterable[Answer]) -> tuple[Listener, ...]:
    """Return the ports that programs and containers that are not ours hold, with their names."""
    named = (
        Listener(_any_address(p.get("IP")), int(p["PublicPort"]), str(p.get("Type") or "tcp"), _called(each))
        for each in others
        for p in each.get("Ports") or ()
        if p.get("PublicPort")
    )
    told = (Listener(_any_address(x["address"]), int(x["port"]), x["protocol"], x["by"]) for x in found)
    return tuple(dict.fromkeys((*named, *told)))


def _called(container: Answer) -> str:
    return f"container {str((container.get('Names') or ['?'])[0]).lstrip('/')}"


def _any_address(address: object) -> str:
    return "" if address in (None, "", "0.0.0.0", "::") else str(address)  # noqa: S104 -- compared, not bound


def host_facts(
    name: str,
    info: Answer,
    labels: Mapping[str, str],
    *,
    strangers: Iterable[Claim],
    listeners: Iterable[Listener] = (),
    images: Iterable[Answer],
    project: str,
) -> HostFacts:
    """Return a host from what the engine's `info` and list of images answer; pins are a project's."""
    prefix = naming.keep_tag(project, "", 0).removesuffix(":0")
    references: set[str] = set()
    pins: set[str] = set()
    for image in images:
        references.add(image["Id"])
        references.update(image.get("RepoDigests") or ())
        tags = [tag for tag in image.get("RepoTags") or () if tag != "<none>:<none>"]
        references.update(tags)
        pins.update(tag.removeprefix(prefix) for tag in tags if tag.startswith(prefix))
    arch = str(info.get("Architecture") or "")
    return HostFacts(
        name=name,
        labels=labels,
        arch=_ARCHES.get(arch, arch),
        os=str(info.get("OSType") or "linux"),
        engine=str(info.get("ServerVersion") or ""),
        cpus=float(info.get("NCPU") or 0),
        memory=int(info.get("MemTotal") or 0),
        strangers=tuple(strangers),
        listeners=tuple(listeners),
        images=frozenset(references),
        pins=frozenset(pins),
    )
