"""How requests come to a service: `ingress`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from collections.abc import Mapping as Map
from dataclasses import replace
from ipaddress import ip_address
from typing import Any

from orchestr8.core.secret import Secret
from orchestr8.core.span import Mapping
from orchestr8.deploy.ingress import Drain, Ingress
from orchestr8.deploy.service import ServiceSpec
from orchestr8.deploy.traffic import BACKENDS, Match, Timeouts, Tls
from orchestr8.deploy.workload import PortBinding, Workload
from orchestr8.language.services_node import ORDER, WRONG, Node
from orchestr8.language.services_table import read_table
from orchestr8.language.services_values import choice, duration, each, text, whole

_HOST = re.compile(r"(\*\.)?[A-Za-z0-9]([A-Za-z0-9-]{0,62}\.?)+")
_PATH = re.compile(r"/[A-Za-z0-9._~!$&()*+,;=:@%/-]{0,1000}")
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,100}")
_IMAGE = "image"


def ingress(node: Node) -> dict[str, Any]:
    """Return the settings given under `ingress`, by the names of `Ingress`."""
    readers = {
        "via": choice(*sorted(BACKENDS)),
        "on": text,
        "host": _matching(_HOST, "a host name, such as app.example.com or *.example.com"),
        "path": _matching(_PATH, "the beginning of a path, such as /api"),
        "port": _port,
        "listen": _port,
        "mode": choice("http", "tcp"),
        "tls": _tls,
        "redirect": _redirect,
        "sticky": _sticky,
        "match": _matches,
        "preview": _preview,
        "timeouts": _timeouts,
        "drain": _drain,
        "socket": absolute,
        "image": text,
    }
    node = _worded(node.mapping())
    given = read_table(node, "`ingress`", readers)
    if "on" not in node.mapping().value:
        node.error(WRONG, "needs `on`, the hosts whose balancer sends the requests")
    if "socket" in given and _IMAGE in given:
        node.error(ORDER, "`socket` names a balancer that is there already, so `image` has no meaning")
    if given.get("mode") == "tcp":
        _plain(node, given)
    _able(node, given)
    return given


def _able(node: Node, given: Map[str, Any]) -> None:
    """Note what the kind of balancer cannot do."""
    via = given.get("via", "haproxy")
    able = BACKENDS[via]
    asked = [key for key in ("tls", "redirect", "sticky", "match", "preview") if given.get(key)]
    for key in [*asked, *(["tcp"] if given.get("mode") == "tcp" else [])]:
        if not getattr(able, key):
            others = (name for name, other in BACKENDS.items() if getattr(other, key))
            word = "mode: tcp" if key == "tcp" else key
            hint = f"take `via: {next(others, 'haproxy')}`"
            node.error(ORDER, f"`{word}` is nothing that `via: {via}` can do", hint)


def _worded(node: Node) -> Node:
    """Return the node with its key `on`, which YAML reads as the boolean true."""
    if True not in node.value or "on" in node.value:
        return node
    written = node.written
    if isinstance(written, Mapping):
        spans = (written.key_spans, written.value_spans)
        written = Mapping(_named(written).items(), written.span)
        written.key_spans, written.value_spans = map(_named, spans)
    return replace(node, value=_named(node.value), written=written)


def _named(items: dict[Any, Any]) -> dict[str, Any]:
    return {"on" if key is True else key: value for key, value in items.items()}


def _plain(node: Node, given: dict[str, Any]) -> None:
    """Note what has no meaning where a balancer does not look into requests."""
    for key in ("host", "path", "redirect", "match", "preview"):
        if key in given:
            node.error(ORDER, f"`{key}` has no meaning with `mode: tcp`")
    if "listen" not in given:
        node.error(WRONG, "needs `listen`, the port of the edges")


def _matching(pattern: re.Pattern[str], wanted: str) -> Any:
    def read(node: Node) -> str:
        word = text(node)
        if not pattern.fullmatch(word):
            raise node.wrong(wanted)
        return word

    return read


def _port(node: Node) -> int:
    if not 1 <= whole(node) <= 65535:
        raise node.wrong("a port from 1 to 65535")
    return whole(node)


def _tls(node: Node) -> Tls | None:
    given = read_table(node, "`tls`", {"cert": _pem, "key": _pem})
    for key in ("cert", "key"):
        if key not in node.mapping().value:
            raise node.error(WRONG, f"needs `{key}`", "name a variable by `source` or a file by `file`")
    return Tls(given["cert"], given["key"]) if len(given) == 2 else None


def _pem(node: Node) -> Secret:
    """Return a certificate or key: as text, or what was found under a name."""
    value = node.settled().value
    if isinstance(value, dict):
        found = read_table(node, "a certificate", {"source": text, "file": text, "content": _content})
        if not found:
            raise node.wrong("`source`, a variable, or `file`")
        value = found.get("content", Secret(""))
    return _secret(node, value)


def _content(node: Node) -> Secret:
    return _secret(node, node.value)


def _secret(node: Node, value: Any) -> Secret:
    found = Secret(value) if isinstance(value, str) else value
    if not isinstance(found, Secret) or (found.reveal() and "-----BEGIN " not in found.reveal()):
        raise node.wrong("a certificate or key in PEM")
    return found


def _redirect(node: Node) -> int | None:
    """Return the port whose plain requests are sent on; true is 80."""
    if isinstance(node.settled().value, bool):
        return 80 if node.value else None
    return _port(node)


def _sticky(node: Node) -> str:
    """Return the name of the cookie that keeps a client with its member; true is a name of ours."""
    if isinstance(node.settled().value, bool):
        return "o8" if node.value else ""
    return str(_matching(_WORD, "true, false or the name of a cookie")(node))


def _matches(node: Node) -> tuple[Match, ...]:
    nodes = [node] if isinstance(node.settled().value, dict) else node.items()
    return tuple(each(nodes, lambda item: _match(item, ("header", "cookie"))))


def _preview(node: Node) -> Match:
    return _match(node, ("host", "header"))


def _match(node: Node, kinds: tuple[str, ...]) -> Match:
    name = _matching(_WORD, "a name")
    given = read_table(node, "a match", {**dict.fromkeys(kinds, name), "value": text})
    found = [kind for kind in kinds if kind in node.mapping().value]
    if len(found) != 1:
        raise node.error(WRONG, f"needs one of {', '.join(kinds)}")
    if found[0] == "host" and "value" in given:
        raise node.error(ORDER, "`value` has no meaning with `host`")
    return Match(found[0], given.get(found[0], ""), given.get("value", ""))  # type: ignore[arg-type]


def _timeouts(node: Node) -> Timeouts:
    readers = {"connect": duration, "response": duration, "tunnel": duration}
    return Timeouts(**read_table(node, "`timeouts`", readers))


def _drain(node: Node) -> Drain:
    made = Drain(**read_table(node, "`drain`", {"delay": duration, "timeout": duration}))
    if made.delay > made.timeout:
        raise node.error(ORDER, "`delay` is longer than `timeout`")
    return made


def absolute(node: Node) -> str:
    """Return the path of a socket."""
    path = text(node)
    if not path.startswith("/"):
        raise node.wrong("the path of the balancer's admin socket")
    return path


def completed(node: Node, given: dict[str, Any] | None, workload: Workload) -> Ingress | None:
    """Return the ingress with its port, by default the only one that the service publishes."""
    if given is None or "on" not in given:
        return None
    ports = {p.container for p in workload.ports if p.protocol == "tcp"}
    if "port" not in given and len(ports) == 1:
        given = {**given, "port": next(iter(ports))}
    if "port" not in given:
        if not node.vague:
            node.child("ingress").error(WRONG, "needs `port`, the container's port that gets the requests")
        return None
    listen = given.get("listen", 443 if given.get("tls") else 80)
    return Ingress(**{**given, "listen": listen})


def published(workload: Workload, port: int | None) -> Workload:
    """Return the workload with a host port of each container's own, unless one leads to it already."""
    if port is None or workload.network_mode == "host":
        return workload
    if any(p.container == port and p.protocol == "tcp" for p in workload.ports):
        return workload
    return replace(workload, ports=(*workload.ports, PortBinding(port, own=True)))


def fit(node: Node, spec: ServiceSpec) -> None:
    """Note what keeps requests from coming to a service."""
    wanted = spec.ingress
    weighted = any(step.kind == "weight" for step in spec.update.steps)
    if wanted is None:
        if weighted and "ingress" not in node.value:
            node.child("update").error(ORDER, "`weight` shares requests, and there is no `ingress`")
        return
    place = node.child("ingress")
    if (weighted or spec.update.strategy == "blue_green") and not BACKENDS[wanted.via].weights:
        place.error(ORDER, f"`via: {wanted.via}` cannot share requests by weight")
    near = (p.host_ip for p in spec.workload.ports if p.container == wanted.port and p.host_ip)
    if any(ip_address(ip).is_loopback for ip in near):
        hint = "leave the port out of `ports`; it gets one that edges can reach"
        place.error(ORDER, f"port {wanted.port} is published on a loopback address only", hint)
    waits = wanted.drain.delay + wanted.drain.timeout
    if waits >= spec.update.progress_deadline:
        text_ = f"drain.timeout ({wanted.drain.timeout:g}s) has to be less than update.progress_deadline"
        place.error(ORDER, f"{text_} ({spec.update.progress_deadline:g}s)")


def measured(node: Node, wanted: Ingress | None) -> None:
    """Note that checks by ingress have nobody to ask."""
    hint = "ask by prometheus, http or exec instead"
    if wanted is None and "ingress" not in node.value:
        node.error(ORDER, "a check by ingress needs an `ingress` that routes requests to the service", hint)
    elif wanted is not None and not BACKENDS[wanted.via].stats:
        node.child("ingress").error(ORDER, f"{wanted.via} does not count what a check by ingress needs", hint)


def clashes(specs: Iterable[tuple[Node, ServiceSpec]]) -> None:
    """Note services that would get the same requests."""
    taken: dict[tuple[Any, ...], ServiceSpec] = {}
    modes: dict[tuple[str, int], ServiceSpec] = {}
    for node, spec in specs:
        wanted = spec.ingress
        if wanted is None:
            continue
        key = (wanted.on, wanted.listen, wanted.host.lower(), wanted.path)
        other = taken.setdefault(key, spec)
        door = modes.setdefault((wanted.on, wanted.listen), spec)
        if other is not spec:
            node.child("ingress").error(ORDER, f"`{other.name}` has the same requests: {wanted}")
        elif door.ingress is not None and "tcp" in (door.ingress.mode, wanted.mode) and door is not spec:
            node.child("ingress").error(ORDER, f"port {wanted.listen} belongs to `{door.name}` alone")
