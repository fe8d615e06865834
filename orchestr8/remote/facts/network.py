"""Interfaces, their addresses, and which of them the default routes use."""

import os
import socket
import struct
from typing import Any, Dict, List

from orchestr8.remote.facts import netlink
from orchestr8.remote.facts.reading import Files

NET = "/sys/class/net/"
KINDS = {"1": "ether", "32": "infiniband", "512": "ppp", "772": "loopback", "65534": "tunnel"}
# Only the way there is looked up, nothing is sent: these are the addresses Ansible asks about.
FAR = ((socket.AF_INET, "8.8.8.8"), (socket.AF_INET6, "2404:6800:400a:800::1012"))


def network_facts(files: Files) -> Dict[str, Any]:
    """Return every interface by its name, the lists of addresses and the default ones."""
    interfaces = {
        name: _interface(files, name) for name in files.names(NET) if os.path.isdir(files.path(NET + name))
    }
    names = dict(socket.if_nameindex())
    addresses = [one for one in netlink.addresses() if names.get(one.index) in interfaces]
    for address in addresses:
        _attach(interfaces, names[address.index], address)
    facts: Dict[str, Any] = {"interfaces": list(interfaces)}
    facts["all_ipv4_addresses"] = _listed(addresses, socket.AF_INET)
    facts["all_ipv6_addresses"] = _listed(addresses, socket.AF_INET6)
    for family, destination in FAR:
        key = "default_ipv4" if family == socket.AF_INET else "default_ipv6"
        facts[key] = _default(family, destination, names, interfaces, addresses)
    facts["locally_reachable_ips"] = {
        "ipv4": netlink.local_destinations(socket.AF_INET),
        "ipv6": netlink.local_destinations(socket.AF_INET6),
    }
    for name, interface in interfaces.items():
        # A colon or a dash cannot be written in a variable's name.
        facts[name.replace(":", "_").replace("-", "_")] = interface
    return facts


def _interface(files: Files, name: str) -> Dict[str, Any]:
    folder = NET + name + "/"
    facts: Dict[str, Any] = {"device": name}
    mac = files.text(folder + "address")
    if mac and mac != "00:00:00:00:00:00":
        facts["macaddress"] = mac
    facts["mtu"] = int(files.text(folder + "mtu") or 0)
    facts["active"] = files.text(folder + "operstate") != "down"
    facts["type"] = KINDS.get(files.text(folder + "type") or "", "unknown")
    facts["promisc"] = bool(int(files.text(folder + "flags") or "0", 16) & 0x100)
    speed = files.text(folder + "speed")
    if speed is not None:
        facts["speed"] = int(speed)
    device = files.link(folder + "device")
    if device:
        facts["pciid"] = os.path.basename(device)
    driver = files.link(folder + "device/driver/module")
    if driver:
        facts["module"] = os.path.basename(driver)
    facts.update(_bridge(files, folder))
    facts.update(_bond(files, folder))
    return facts


def _bridge(files: Files, folder: str) -> Dict[str, Any]:
    if not files.exists(folder + "bridge"):
        return {}
    return {
        "type": "bridge",
        "interfaces": files.names(folder + "brif"),
        "id": files.text(folder + "bridge/bridge_id") or "",
        "stp": files.text(folder + "bridge/stp_state") == "1",
    }


def _bond(files: Files, folder: str) -> Dict[str, Any]:
    slave = files.text(folder + "bonding_slave/perm_hwaddr")
    facts: Dict[str, Any] = {"perm_macaddress": slave} if slave else {}
    if not files.exists(folder + "bonding"):
        return facts
    facts.update(type="bonding", slaves=(files.text(folder + "bonding/slaves") or "").split())
    for key in ("mode", "miimon", "lacp_rate"):
        facts[key] = ((files.text(folder + "bonding/" + key) or "").split() or [""])[0]
    primary = files.text(folder + "bonding/primary")
    if primary:
        facts["primary"] = primary
        facts["all_slaves_active"] = files.text(folder + "bonding/all_slaves_active") == "1"
    return facts


def _attach(interfaces: Dict[str, Dict[str, Any]], name: str, address: netlink.Address) -> None:
    if address.family == socket.AF_INET6:
        entry = {"address": address.address, "prefix": str(address.prefix), "scope": address.scope}
        interfaces[name].setdefault("ipv6", []).append(entry)
        return
    label = address.label or name
    known = interfaces.setdefault(label, {})
    if "ipv4" in known or address.secondary:
        known.setdefault("ipv4_secondaries", []).append(_ipv4(address))
    else:
        known["ipv4"] = _ipv4(address)
    if label != name:
        interfaces[name].setdefault("ipv4_secondaries", []).append(_ipv4(address))


def _ipv4(address: netlink.Address) -> Dict[str, str]:
    mask = (1 << 32) - (1 << 32 >> address.prefix)
    number = struct.unpack("!L", socket.inet_aton(address.address))[0]
    return {
        "address": address.address,
        "broadcast": address.broadcast,
        "netmask": socket.inet_ntoa(struct.pack("!L", mask)),
        "network": socket.inet_ntoa(struct.pack("!L", number & mask)),
        "prefix": str(address.prefix),
    }


def _listed(addresses: List[netlink.Address], family: int) -> List[str]:
    found = [one.address for one in addresses if one.family == family]
    return [one for one in found if one != "::1" and not one.startswith("127.")]


def _default(
    family: int,
    destination: str,
    names: Dict[int, str],
    interfaces: Dict[str, Dict[str, Any]],
    addresses: List[netlink.Address],
) -> Dict[str, Any]:
    route = netlink.route_to(family, destination)
    if route is None or route.index not in names:
        return {}
    facts: Dict[str, Any] = {"interface": names[route.index]}
    if route.source:
        facts["address"] = route.source
    if route.gateway:
        facts["gateway"] = route.gateway
    found = [one for one in addresses if one.family == family and one.address == route.source]
    if found:
        facts.update(_described(found[0], interfaces[names[found[0].index]]))
    return facts


def _described(address: netlink.Address, interface: Dict[str, Any]) -> Dict[str, Any]:
    facts: Dict[str, Any] = {key: interface[key] for key in ("macaddress", "mtu", "type") if key in interface}
    if address.family == socket.AF_INET6:
        return dict(facts, prefix=str(address.prefix), scope=address.scope)
    facts.update(_ipv4(address), alias=address.label or interface["device"])
    return facts


def storage_names(files: Files) -> Dict[str, Any]:
    """Return the names by which storage networks know the host."""
    names = dict(files.pairs("/etc/iscsi/initiatorname.iscsi", "="))
    hosts = (files.text(f"/sys/class/fc_host/{host}/port_name") for host in files.names("/sys/class/fc_host"))
    return {
        "iscsi_iqn": names.get("InitiatorName", ""),
        "hostnqn": files.text("/etc/nvme/hostnqn") or "",
        "fibre_channel_wwn": [host[2:] if host.startswith("0x") else host for host in hosts if host],
    }
