"""HAProxy on an edge host: an installation that an ingress names, or the container kept for it."""

from __future__ import annotations

from orchestr8.deploy.ingress import Ingress
from orchestr8.engine.services.play_services import Reached
from orchestr8.engine.services.ports import Runtime
from orchestr8.engine.services.traffic import Edge
from orchestr8.state.host_records import ROOT
from orchestr8.traffic.haproxy import HaproxyEdge
from orchestr8.traffic.haproxy_adopted import AdoptedFiles
from orchestr8.traffic.haproxy_managed import ManagedFiles
from orchestr8.traffic.haproxy_socket import HaproxySocket
from orchestr8.traffic.host_files import HostFiles


def haproxy_edge(reached: Reached, ingress: Ingress, runtime: Runtime) -> Edge:
    """Return the HAProxy of a host as an ingress wants it."""
    files = _files(reached, ingress, runtime)
    files.gateway = runtime.gateway
    return HaproxyEdge(reached.project, HaproxySocket(reached.name, files.open), files)


def _files(reached: Reached, ingress: Ingress, runtime: Runtime) -> HostFiles:
    name, connection, become = reached.name, reached.connection, reached.become
    if ingress.socket:
        return AdoptedFiles(name, connection, ingress.socket, become=become)
    root = reached.state_dir or ROOT
    return ManagedFiles(name, connection, runtime, root, image=ingress.image, become=become)
