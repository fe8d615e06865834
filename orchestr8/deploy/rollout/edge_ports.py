"""Ports of edges that others hold, so that no balancer could listen on them."""

from __future__ import annotations

from collections.abc import Iterator

from orchestr8.deploy.ingress import Ingress
from orchestr8.deploy.placement.room import holder
from orchestr8.deploy.rollout.view import View

_GATEWAY = "gateway"
"""Stands for the address on which routes inside listen: no program that listens on one of its own has it."""


def held_ports(view: View, ingress: Ingress) -> list[str]:
    """Return what stands in the way of a route on its edges, as `port of host is taken by whom`.

    A program of the balancer's own name is taken for the balancer, and nobody known is let pass: balancers
    refuse what they cannot do themselves, without harm to what they serve.
    """
    return [text for name in view.wanted_edges for text in _on_edge(view, ingress, name)]


def _on_edge(view: View, ingress: Ingress, name: str) -> Iterator[str]:
    host = view.hosts.get(name)
    for port in (ingress.listen, ingress.redirect):
        if host is not None and port is not None:
            claim = (_GATEWAY if ingress.inside else "", port, "tcp")
            by = holder(host, claim, ingress.via)
            if by:
                yield f"port {port} of {name} is taken {by}"
