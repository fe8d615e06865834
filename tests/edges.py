"""Balancers that stand on hosts already, for services to adopt by their socket."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from tests.bed import Fleet

_IDLE = """\
global
    stats socket {folder}/admin.sock mode 600 level admin expose-fd listeners
defaults
    timeout connect 1s
    timeout client 1s
    timeout server 1s
"""


@contextmanager
def standing(fleet: Fleet, hosts: Sequence[str], folder: str) -> Iterator[str]:
    """Run an HAProxy in master-worker mode on hosts, with all it has in a folder; yield its admin socket."""
    for host in hosts:
        begin(fleet, host, folder)
    try:
        yield f"{folder}/admin.sock"
    finally:
        for host in hosts:
            fleet.exec(host, ["sh", "-c", 'kill $(cat "$1/pid"); rm -rf "$1"', "sh", folder])


def begin(fleet: Fleet, host: str, folder: str) -> None:
    """Start an HAProxy whose file is there already, or else one that does nothing."""
    script = '[ -s "$1/haproxy.cfg" ] || { mkdir -p "$1" && cat > "$1/haproxy.cfg"; }; rm -f "$1/pid"'
    fleet.host(host).exec(["sh", "-c", script, "sh", folder], stdin=_IDLE.format(folder=folder))
    program = ["haproxy", "-W", "-D", "-S", f"{folder}/master.sock"]
    done = fleet.exec(host, [*program, "-f", f"{folder}/haproxy.cfg", "-p", f"{folder}/pid"])
    assert done.rc == 0, done
