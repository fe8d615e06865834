"""Which ports of the host somebody listens on, and who that is."""

import os
import re
from typing import Any, Dict, Iterator, List, Sequence, Tuple

from orchestr8.remote.ports import endpoint

_LISTENS = {"tcp": "0A", "udp": "07"}
_CONTAINER = re.compile("[0-9a-f]{64}")


Listener = Tuple[str, int, str, str]
"""A socket that takes connections: address, port, protocol, and the inode that tells it from others."""


def listening() -> List[Listener]:
    """Return the sockets of the host's network, each port of an address once."""
    found: Dict[Tuple[str, int, str], Listener] = {}
    for protocol in ("tcp", "udp"):
        for table in (protocol, protocol + "6"):
            for each in _rows("/proc/net/" + table, protocol):
                found.setdefault(each[:3], each)
    return sorted(found.values())


def _rows(table: str, protocol: str) -> Iterator[Listener]:
    """Yield what a table has; of tcp the listeners come first, and nothing else has to be read."""
    try:
        with open(table, encoding="ascii") as stream:
            next(stream, "")
            for line in stream:
                words = line.split()
                if words[3] == _LISTENS[protocol]:
                    address, port = endpoint(words[1])
                    yield address, port, protocol, words[9]
                elif protocol == "tcp":
                    return
    except OSError:
        return


def owners(inodes: Sequence[str]) -> Dict[str, Tuple[str, str]]:
    """Return by inode the name of the program, and the id of the container it is in or an empty text.

    Sockets of programs that we may not look into are left out.
    """
    wanted = {"socket:[%s]" % inode: inode for inode in inodes}
    found: Dict[str, Tuple[str, str]] = {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        if len(found) == len(wanted):
            break
        for link in _links("/proc/%s/fd" % pid):
            if link in wanted and wanted[link] not in found:
                found[wanted[link]] = _name(pid), _container(pid)
    return found


def _links(folder: str) -> Iterator[str]:
    try:
        names = os.listdir(folder)
    except OSError:
        return
    for name in names:
        try:
            yield os.readlink(os.path.join(folder, name))
        except OSError:
            continue


def _name(pid: str) -> str:
    return _read("/proc/%s/comm" % pid).strip()


def _container(pid: str) -> str:
    """Return the id of the innermost container of a process."""
    found = _CONTAINER.findall(_read("/proc/%s/cgroup" % pid))
    return str(found[-1]) if found else ""


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as stream:
            return stream.read()
    except OSError:
        return ""


def foreign(containers: Sequence[Any]) -> List[Dict[str, Any]]:
    """Return what listens on the host but for the engine's own proxies of published ports.

    `containers` are those that run, as the engine lists them. `by` says who it is, where we may know that.
    """
    found = listening()
    who = owners([inode for _, _, _, inode in found])
    names = {c["Id"]: c["Names"][0].lstrip("/") for c in containers}
    proxied = {(p.get("PublicPort"), p.get("Type")) for c in containers for p in c.get("Ports") or ()}
    told = []
    for address, port, protocol, inode in found:
        program, inside = who.get(inode, ("", ""))
        if program == "docker-proxy" or (port, protocol) in proxied:
            continue
        by = "%s in container %s" % (program, names[inside]) if inside in names else program
        told.append({"address": address, "port": port, "protocol": protocol, "by": by})
    return told
