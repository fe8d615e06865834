"""Reads what a play wants of its services, and which hosts they may run on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from orchestr8.core.errors import Diagnostic, InvalidInput, O8Error
from orchestr8.core.span import span_of
from orchestr8.deploy.model import ServiceSpec
from orchestr8.engine.options import RunOptions
from orchestr8.engine.services.bringing import Bringer
from orchestr8.engine.services.finding import connected, naming
from orchestr8.engine.services_port import ServiceCall
from orchestr8.inventory.inventory import Inventory
from orchestr8.language.search import Search
from orchestr8.language.services import check_together, read
from orchestr8.language.services_hooks import phases
from orchestr8.language.services_steps import without_tasks

_PROJECT = re.compile(r"(?=.{1,63}\Z)[a-z0-9]+((\.|__?|-+)[a-z0-9]+)*")
"""What is part of container names, image names and folders alike."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A service as the play wants it, its image not yet exact, and the hosts it may run on."""

    spec: ServiceSpec
    candidates: frozenset[str]


def wanted(call: ServiceCall, inventory: Inventory, options: RunOptions, project: str) -> list[Wanted]:
    """Return the play's services; raise InvalidInput for what is wrong in them."""
    scope = naming(call, project, call.scope_of(call.hosts[0]))
    own = _pattern(call.templar.render(call.play.hosts, scope))
    bringer = Bringer(Search(call.play.source, options.playbook_dir), call.templar, scope)
    found, whole = [], {}
    for name, written in call.services.items():
        rendered = call.templar.render(_bare(written), scope)
        rendered = bringer.brought(rendered) if isinstance(rendered, Mapping) else rendered
        spec = read(str(name), rendered, written, [str(n) for n in call.services])
        _require_edges(spec, written, inventory)
        pattern = spec.placement.hosts or own
        spec = replace(spec, placement=replace(spec.placement, hosts=pattern), hooks=phases(written))
        candidates = _candidates(call, pattern, inventory, options)
        _require_hosts(spec, written, candidates)
        found.append(Wanted(spec, candidates))
        whole[str(name)] = rendered
    check_together([w.spec for w in found], whole, call.services)
    specs = connected(project, [(w.spec, w.candidates) for w in found])
    return [replace(w, spec=spec) for w, spec in zip(found, specs, strict=True)]


def _bare(written: Any) -> Any:
    """Return a service without its tasks, which are rendered when they run."""
    if not isinstance(written, Mapping):
        return written
    return {key: value for key, value in without_tasks(written).items() if key != "hooks"}


def _require_edges(spec: ServiceSpec, written: Any, inventory: Inventory) -> None:
    """Raise InvalidInput when there is no host by which requests could come."""
    if spec.ingress is None or inventory.select(spec.ingress.on):
        return
    text = f"service `{spec.name}`: `ingress.on: {spec.ingress.on}` selects no host"
    raise InvalidInput(Diagnostic("O8-3506", text, span_of(written)))


def _require_hosts(spec: ServiceSpec, written: Any, candidates: frozenset[str]) -> None:
    """Raise InvalidInput when a pattern of its own leaves a service no host."""
    if candidates:
        return
    placement = written.get("placement") if isinstance(written, Mapping) else None
    text = f"service `{spec.name}`: `placement.hosts: {spec.placement.hosts}` selects no host"
    hint = "`o8 inventory --graph` shows the groups and their hosts"
    raise InvalidInput(Diagnostic("O8-3310", text, span_of(placement) or span_of(written), hint))


def _pattern(hosts: Any) -> str:
    return ",".join(map(str, hosts)) if isinstance(hosts, list | tuple) else str(hosts)


def _candidates(call: ServiceCall, pattern: str, inventory: Inventory, options: RunOptions) -> frozenset[str]:
    """Return the hosts of a pattern; a service is never decided on a part of its hosts."""
    everywhere = {host.name for host in inventory.select(pattern)}
    limited = {host.name for host in inventory.select(pattern, options.limit)}
    span = span_of(call.services) or call.play.span
    if left := sorted(everywhere - limited):
        names = ", ".join(left)
        text = f"services are decided for all hosts of `{pattern}` together; --limit leaves out {names}"
        hint = "run without --limit, or give the service its own `placement.hosts`"
        raise InvalidInput(Diagnostic("O8-3304", text, span, hint))
    if call.play.serial and everywhere - set(call.hosts):
        text = "services are decided for all hosts of the play together, so `serial` does not fit"
        raise InvalidInput(
            Diagnostic("O8-3304", text, span, "`update` says how many replicas change at once")
        )
    return frozenset(everywhere)


def hosts_of(inventory: Inventory, pattern: str) -> tuple[str, ...]:
    """Return the hosts of a pattern, in order; none when it selects nobody or is no pattern any more."""
    try:
        return tuple(host.name for host in inventory.select(pattern))
    except O8Error:
        return ()


def project_of(call: ServiceCall, default: str) -> str:
    """Return the name that keeps this play's services apart from others on the same hosts."""
    scope = call.scope_of(call.hosts[0])
    given = call.templar.render(scope["o8_project"], scope) if "o8_project" in scope else default
    return checked_project(str(given))


def checked_project(name: str) -> str:
    """Return a project's name if it is one; raise InvalidInput."""
    if _PROJECT.fullmatch(name) is None:
        hint = "lower-case letters and digits with single . _ - between them, at most 63; set `o8_project`"
        raise InvalidInput(Diagnostic("O8-3305", f"`{name}` cannot be the name of a project", hint=hint))
    return name


def labels_of_host(variables: Mapping[str, Any]) -> dict[str, str]:
    """Return a host's labels for placement from its variable `o8_labels`."""
    given = variables.get("o8_labels") or {}
    if not isinstance(given, Mapping):
        raise InvalidInput(Diagnostic("O8-3306", "`o8_labels` is not a mapping of labels"))
    return {str(name): _text(value) for name, value in given.items()}


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
