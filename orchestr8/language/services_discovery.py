"""How services find each other: `discovery` of a service that is found, `uses` of those that look for it."""

from __future__ import annotations

from collections.abc import Mapping

from orchestr8.core.suggest import did_you_mean
from orchestr8.deploy.discovery import Discovery, clashes
from orchestr8.deploy.service import ServiceSpec
from orchestr8.deploy.traffic import BACKENDS
from orchestr8.language.services_ingress import absolute
from orchestr8.language.services_node import NEEDS, ORDER, PORT, WRONG, Node
from orchestr8.language.services_table import read_table
from orchestr8.language.services_values import choice, each, text, whole

_MOST = 65535


def discovery(node: Node) -> Discovery:
    """Return under which port a service is found: a number, or a mapping."""
    if not isinstance(node.settled().value, dict):
        return Discovery(_port(node), _port(node))
    readers = {
        "port": _port,
        "listen": _port,
        "mode": choice("http", "tcp"),
        "via": choice(*BACKENDS),
        "image": text,
        "socket": absolute,
    }
    given = read_table(node, "`discovery`", readers)
    if "port" not in given:
        raise node.error(WRONG, "needs `port`, the container's port", "for instance {port: 5432, mode: tcp}")
    found = Discovery(**{"listen": given["port"], **given})
    if found.socket and found.image:
        raise node.error(ORDER, "`socket` names a balancer that is there already, so `image` has no meaning")
    if found.mode == "tcp" and not BACKENDS[found.via].tcp:
        raise node.error(ORDER, f"`via: {found.via}` balances http only", "take `via: haproxy`")
    return found


def uses(node: Node) -> tuple[str, ...]:
    """Return the names of services that containers of this one are to find."""
    return tuple(dict.fromkeys(each(node.items(), text)))


def check_offer(node: Node, spec: ServiceSpec) -> None:
    """Note what keeps a service from being found."""
    if spec.discovery is None:
        return
    if spec.ingress is not None:
        hint = "put a second service before it that others find, or let them ask by the ingress"
        node.child("discovery").error(ORDER, "`discovery` and `ingress` exclude each other", hint)
    if spec.mode == "job":
        node.child("discovery").error(ORDER, "a job is not there to be found")


def check_uses(root: Node, specs: Mapping[str, ServiceSpec]) -> None:
    """Note services that look for one that cannot be found, and ports that two want."""
    found = {name: spec.discovery for name, spec in specs.items() if spec.discovery is not None}
    for name, spec in specs.items():
        for wanted in spec.uses:
            _check(root.child(name).child("uses"), wanted, root)
    for name, other in clashes(found):
        node = root.child(name).child("discovery")
        hint = "give one of them another `listen`; only http services share a port"
        node.error(PORT, f"port {found[name].listen} is taken by `{other}`", hint)


def _check(node: Node, wanted: str, root: Node) -> None:
    if wanted not in root.value:
        node.error(NEEDS, f"there is no service `{wanted}` in this play", did_you_mean(wanted, root.value))
    elif isinstance(root.value[wanted], dict) and root.value[wanted].get("discovery") is None:
        hint = f"give `{wanted}` a `discovery` with the port of its container"
        node.error(NEEDS, f"service `{wanted}` cannot be found by others", hint)


def _port(node: Node) -> int:
    number = whole(node)
    if not 0 < number <= _MOST:
        raise node.wrong("a port from 1 to 65535")
    return number
