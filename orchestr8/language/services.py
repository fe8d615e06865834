"""Services of a play: every mistake found before a host is contacted, then read once rendered."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from collections.abc import Mapping as Map
from dataclasses import replace
from typing import Any

from orchestr8.core.errors import Diagnostic
from orchestr8.core.span import span_of
from orchestr8.deploy.discovery import Discovery
from orchestr8.deploy.service import Placement, Readiness, Reservations, ServiceSpec, asked_port
from orchestr8.deploy.workload import Limits, Restart, Workload
from orchestr8.language.findings import Findings
from orchestr8.language.services_container import WORKLOAD, limit_fields, workload_fields
from orchestr8.language.services_deploy import deploy
from orchestr8.language.services_discovery import check_offer, check_uses, discovery, uses
from orchestr8.language.services_files import configs, env_files, secrets
from orchestr8.language.services_health import readiness
from orchestr8.language.services_hooks import hooks
from orchestr8.language.services_ingress import clashes, completed, fit, ingress, measured, published
from orchestr8.language.services_jobs import check_completions, check_job, schedule, update_of_job
from orchestr8.language.services_node import NAME, NEEDS, ORDER, WRONG, Node, Unreadable
from orchestr8.language.services_placement import check_needs, depends_on, placement, resources
from orchestr8.language.services_table import Readers, read_table
from orchestr8.language.services_transaction import check_transaction, transaction
from orchestr8.language.services_tuning import TUNING, tuning
from orchestr8.language.services_update import complete, update
from orchestr8.language.services_values import choice, whole

_NAME = re.compile(r"[a-z0-9]([a-z0-9_-]{0,38}[a-z0-9])?")
_MOST = 10_000
_LATER = {
    "build": "build and push the image before",
    "container_name": "containers are named project-service-slot-revision",
    **dict.fromkeys(
        (
            "annotations",
            "attach",
            "blkio_config",
            "cgroup",
            "credential_spec",
            "develop",
            "extends",
            "gpus",
            "isolation",
            "links",
            "mac_address",
            "memswap_limit",
            "post_start",
            "pre_stop",
            "profiles",
            "volumes_from",
        ),
        "",
    ),
}


def _mode(node: Node) -> str:
    return choice("replicated", "global", "job")(node)


def _count(node: Node) -> int:
    number = whole(node)
    if number > _MOST:
        raise node.wrong(f"at most {_MOST}")
    return number


def _revisions(node: Node) -> int:
    if whole(node) < 1:
        raise node.wrong("a number above zero")
    return whole(node)


SERVICE: Readers = {
    **WORKLOAD,
    **TUNING,
    "configs": configs,
    "secrets": secrets,
    "env_file": env_files,
    "hooks": hooks,
    "ingress": ingress,
    "mode": _mode,
    "replicas": _count,
    "scale": _count,
    "placement": placement,
    "resources": resources,
    "readiness": readiness,
    "update": update,
    "depends_on": depends_on,
    "revisions": _revisions,
    "transaction": transaction,
    "schedule": schedule,
    "discovery": discovery,
    "uses": uses,
    "deploy": deploy,
}


def check(services: Map[str, Any]) -> tuple[Diagnostic, ...]:
    """Return everything wrong with the services as written; templates are taken to be right."""
    findings = Findings()
    known = frozenset(str(name) for name in services)
    root = Node(services, services, span_of(services), "services", findings, lenient=True)
    specs: dict[str, ServiceSpec] = {}
    for name, node in root.fields():
        if not _NAME.fullmatch(name):
            hint = (
                "lower-case letters, digits, - and _, at most 40, beginning and ending with a letter or digit"
            )
            findings.error(NAME, f"`{name}` cannot be the name of a service", root.key_span(name), hint)
        spec = _read(name, node, known)
        if spec is not None:
            specs[name] = spec
    clashes((root.child(name), spec) for name, spec in specs.items() if not root.child(name).vague)
    _cycle(root, findings)
    check_completions(root)
    check_uses(root, specs)
    return findings.all


def offered(name: str, rendered: Any, written: Any) -> Discovery | None:
    """Return how a service is found by others; None for what `read` will find to be wrong."""
    node = Node(rendered, written, span_of(written), f"services.{name}.discovery", Findings())
    try:
        return discovery(node)
    except Unreadable:
        return None


def check_together(specs: Iterable[ServiceSpec], rendered: Map[str, Any], written: Any) -> None:
    """Raise InvalidInput for rendered services that do not fit together."""
    findings = Findings()
    root = Node(rendered, written, span_of(written), "services", findings)
    check_uses(root, {spec.name: spec for spec in specs})
    if findings.failed:
        findings.fail()


def read(name: str, rendered: Map[str, Any], written: Any, known: Iterable[str] = ()) -> ServiceSpec:
    """Return a service from its rendered mapping; places come from what was written.

    Raises InvalidInput with every mistake. `known` are the names `depends_on` may use.
    """
    findings = Findings()
    node = Node(rendered, written, span_of(written), f"services.{name}", findings)
    spec = _read(name, node, frozenset(known) | {name})
    if findings.failed or spec is None:
        findings.fail()
    return spec


def _read(name: str, node: Node, known: frozenset[str]) -> ServiceSpec | None:
    """Return the service, or None when it has no image or is a template as a whole."""
    try:
        node.mapping()
    except Unreadable:
        return None
    given = read_table(node, "a service", SERVICE, _LATER)
    given = {**given.pop("deploy", {}), **given}
    if "image" not in node.value:
        node.error(WRONG, "has no `image`")
    if "scale" in given:
        given.setdefault("replicas", given["scale"])
    check_needs(node, given.get("depends_on", ()), known)
    spec = _assembled(name, node, given)
    _fit(node, spec, given)
    return spec


def _assembled(name: str, node: Node, given: dict[str, Any]) -> ServiceSpec:
    found = dict(given.get("resources", {}))
    reserved = found.pop("reservations", Reservations())
    if "mem_reservation" in given and not reserved.memory:
        reserved = Reservations(reserved.cpus, given["mem_reservation"])
    limits = Limits(**{**limit_fields(given), **found})
    if given.get("mode") == "job":
        limits = replace(limits, restart=Restart("no"))
    files = {**given.get("configs", {}), **given.get("secrets", {})}
    workload = Workload(
        **{"image": "", **workload_fields(given), "files": files, "limits": limits, "tuning": tuning(given)}
    )
    wanted = completed(node, given.get("ingress"), workload)
    offer: Discovery | None = given.get("discovery")
    workload = published(workload, wanted.port if wanted else offer.port if offer else None)
    policy = given.get("pull_policy", "missing")
    bare = ServiceSpec(
        name,
        workload,
        mode=given.get("mode", "replicated"),
        replicas=given.get("replicas", 1),
        placement=given.get("placement", Placement()),
        reservations=reserved,
        readiness=_readiness(node, given, workload),
        depends_on=given.get("depends_on", ()),
        pull_policy="missing" if policy == "if_not_present" else policy,
        revisions=given.get("revisions", 5),
        ingress=wanted,
        transaction=given.get("transaction", ""),
        schedule=given.get("schedule", ""),
        discovery=offer,
        uses=given.get("uses", ()),
    )
    return _updated(node, bare, given)


def _updated(node: Node, spec: ServiceSpec, given: dict[str, Any]) -> ServiceSpec:
    place = node.child("update") if "update" in node.value else node
    vague = node.lenient and any(
        node.child(k).vague for k in ("update", "ports", "replicas") if k in node.value
    )
    if vague:
        return spec
    if spec.mode == "job":
        return replace(spec, update=update_of_job(place, given.get("update", {})))
    return replace(spec, update=complete(place, given.get("update", {}), exclusive=spec.exclusive))


def _readiness(node: Node, given: dict[str, Any], workload: Workload) -> Readiness:
    """Return the readiness, by default what the container's own health check says."""
    asked: Readiness | None = given.get("readiness")
    if asked is None:
        own = workload.healthcheck is not None and not workload.healthcheck.disable
        return Readiness("docker" if own else "running")
    if asked.kind not in ("http", "tcp") or asked.port is not None:
        return asked
    ports = {p.container for p in workload.ports if p.protocol == "tcp"}
    if len(ports) == 1:
        return replace(asked, port=next(iter(ports)))
    if not node.vague:
        node.child("readiness").error(WRONG, "needs `port`, the container's port to ask")
    return asked


def _fit(node: Node, spec: ServiceSpec, given: dict[str, Any]) -> None:
    """Note parts that contradict each other."""
    if spec.transaction:
        check_transaction(node, spec)
    if spec.schedule and spec.mode != "job":
        node.child("schedule").error(ORDER, "only a job runs by a schedule", "give it `mode: job`")
    if spec.mode == "job":
        check_job(node, spec, given)
    if spec.mode == "global" and "replicas" in given:
        node.error(ORDER, "a global service has one replica a host, `replicas` has no meaning")
    targets = [
        *(m.target for m in spec.workload.mounts),
        *given.get("configs", ()),
        *given.get("secrets", ()),
    ]
    if twice := [target for target, count in Counter(targets).items() if count > 1]:
        node.error(ORDER, f"two things would be mounted at {twice[0]}")
    if spec.workload.network_mode and spec.workload.networks:
        node.error(ORDER, "`network_mode` and `networks` exclude each other")
    memory = spec.workload.limits.memory
    if memory is not None and spec.reservations.memory > memory:
        node.error(ORDER, "the memory reserved is more than its limit")
    if spec.placement.on_unreachable == "replace" and spec.holds_volume:
        hint = "its data is on the host that is lost; use fail or skip"
        node.error(ORDER, "`on_unreachable: replace` cannot be kept with a writable volume", hint)
    checks = [check for step in spec.update.steps for check in step.checks]
    if any(c.kind == "ingress" for c in checks):
        measured(node, spec.ingress)
    portless = [c for c in checks if c.kind == "http" and c.origin == "host" and not asked_port(spec, c)]
    if portless and not node.vague:
        node.error(ORDER, "a check by http needs `port`, the container's port to ask")
    if spec.workload.ports and spec.workload.network_mode == "host":
        node.error(ORDER, "with `network_mode: host` no ports are published")
    fit(node, spec)
    check_offer(node, spec)


def _cycle(root: Node, findings: Findings) -> None:
    """Note services that wait for each other."""
    needs: dict[str, set[str]] = {}
    for name, node in root.fields():
        value = node.value.get("depends_on") if isinstance(node.value, dict) else None
        needs[name] = {str(n) for n in value} if isinstance(value, list | dict) else set()
    left = dict(needs)
    while free := [n for n, wants in left.items() if not (wants & set(left)) - {n}]:
        for name in free:
            del left[name]
    if left:
        chain = _chain(left)
        place = root.child(chain[0]).child("depends_on").span
        findings.error(NEEDS, f"services wait for each other: {' → '.join(chain)}", place)


def _chain(left: Map[str, set[str]]) -> list[str]:
    chain = [min(left)]
    while True:
        following = min(left[chain[-1]] & set(left))
        if following in chain:
            return [*chain[chain.index(following) :], following]
        chain.append(following)
