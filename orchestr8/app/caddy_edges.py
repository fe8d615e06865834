"""Wiring of Caddy as a balancer of a host: run by us, or there already."""

from __future__ import annotations

import posixpath

from orchestr8.deploy.ingress import Ingress
from orchestr8.engine.services.play_services import Reached
from orchestr8.engine.services.ports import Runtime
from orchestr8.engine.services.traffic import Edge
from orchestr8.state.host_records import ROOT
from orchestr8.traffic.caddy import CaddyEdge
from orchestr8.traffic.caddy_admin import CaddyAdmin
from orchestr8.traffic.caddy_files import CaddyFiles
from orchestr8.traffic.caddy_managed import ManagedCaddys
from orchestr8.traffic.caddy_process import CaddyProcess


def caddy_edge(reached: Reached, ingress: Ingress, runtime: Runtime) -> Edge:
    """Return the pair of Caddys of a host; `ingress.socket` is the front's where they are there already."""
    own = f"{reached.state_dir or ROOT}/.edge/caddy"
    folder = posixpath.dirname(ingress.socket) if ingress.socket else own
    halves = {
        half: CaddyFiles(reached.name, reached.connection, f"{folder}/{half}", reached.become)
        for half in ("front", "back")
    }
    front, back = (CaddyProcess(CaddyAdmin(reached.name, f.open), f) for f in halves.values())
    pair = None if ingress.socket else ManagedCaddys(runtime, folder, halves, ingress.image)
    return CaddyEdge(reached.project, (front, back), folder, runtime.gateway, pair)
