"""What docker_container's arguments ask for, in the words of the Engine API."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from typing import Any

from orchestr8.actions import docker_resources as resources
from orchestr8.actions.docker_resources import size, wrong
from orchestr8.core.secret import Secret

_TIME = re.compile(r"(\d+(?:\.\d+)?)(us|ms|s|m|h)")
_SECONDS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_NANO = 1_000_000_000


def wanted(args: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is asked for, by argument name; only what was given."""
    found = {name: reader(args) for name, reader in _READERS.items() if args.get(name) is not None}
    return {name: value for name, value in found.items() if value is not None}


def create_body(image: str, wishes: Mapping[str, Any], networks: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the body of a create request."""
    body: dict[str, Any] = {"Image": image, "HostConfig": {}}
    for name, value in wishes.items():
        place, key = PLACES[name]
        target = body if place == "Config" else body["HostConfig"]
        target[key] = _bound(value) if name == "published_ports" else value
    if "published_ports" in wishes:
        exposed = body.setdefault("ExposedPorts", {})
        exposed.update({port: {} for port in wishes["published_ports"]})
    if isinstance(body.get("Env"), dict):
        body["Env"] = [f"{key}={value}" for key, value in sorted(body["Env"].items())]
    if networks and "network_mode" not in wishes:
        body["HostConfig"]["NetworkMode"] = networks[0]["name"]
        body["NetworkingConfig"] = {"EndpointsConfig": {networks[0]["name"]: endpoint(networks[0])}}
    return body


def endpoint(network: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of a container in a network."""
    settings: dict[str, Any] = {
        "Aliases": network.get("aliases") or None,
        "Links": network.get("links") or None,
    }
    pools = {"IPv4Address": network.get("ipv4_address"), "IPv6Address": network.get("ipv6_address")}
    settings["IPAMConfig"] = {key: value for key, value in pools.items() if value} or None
    settings["MacAddress"] = hardware(network.get("mac_address"))
    settings["DriverOpts"] = _texts(network["driver_opts"]) if network.get("driver_opts") else None
    settings["GwPriority"] = network.get("gw_priority")
    return {key: value for key, value in settings.items() if value is not None}


def hardware(address: Any) -> str | None:
    """Return a hardware address as the engine writes it."""
    return str(address).lower().replace("-", ":") if address else None


def limits_body(wishes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the body of an update request from those wishes that need no new container."""
    body = {PLACES[name][1]: value for name, value in wishes.items() if name in IN_PLACE}
    if "Memory" in body and "MemorySwap" not in body:
        body["MemorySwap"] = body["Memory"] * 2
    return body


def _exposed(value: Any) -> dict[str, dict[str, Any]]:
    """Return `80`, `53/udp` and ranges `1000-1010` as the engine has them."""
    found: dict[str, dict[str, Any]] = {}
    for each in value:
        ports, _, protocol = str(each).partition("/")
        found.update({f"{port}/{protocol or 'tcp'}": {} for port in _range(ports)})
    return found


def _bound(ports: Mapping[str, list[tuple[str, str]]]) -> dict[str, list[dict[str, str]]]:
    return {port: [{"HostIp": ip, "HostPort": host} for ip, host in found] for port, found in ports.items()}


def _texts(value: Any) -> dict[str, str]:
    return {str(k): v.reveal() if isinstance(v, Secret) else _text(v) for k, v in value.items()}


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


def _words(value: Any) -> list[str]:
    if isinstance(value, list | tuple):
        return [_text(word) for word in value]
    return shlex.split(str(value))


def _duration(value: Any) -> int:
    parts = _TIME.findall(str(value))
    if not parts or "".join(n + u for n, u in parts) != str(value):
        raise wrong(f"`{value}` is no duration such as 30s")
    return int(sum(float(n) * _SECONDS[u] for n, u in parts) * _NANO)


def _ports(value: Any, everywhere: str = "") -> dict[str, list[tuple[str, str]]]:
    """Return bindings by container port: `8080:80/udp`, `127.0.0.1:8080:80`, `80`, ranges of equal length."""
    found: dict[str, list[tuple[str, str]]] = {}
    for each in value if isinstance(value, list) else str(value).split(","):
        bare, _, protocol = str(each).strip().partition("/")
        *front, inner = bare.rsplit(":", 2) if not bare.startswith("[") else _ipv6(bare)
        ip, host = (front[0], front[1]) if len(front) == 2 else (everywhere, front[0] if front else "")
        inners, hosts = _range(inner), _range(host) if host else []
        if hosts and len(hosts) != len(inners):
            raise wrong(f"the ranges of `{each}` differ in length")
        for number, port in enumerate(inners):
            key = f"{port}/{protocol or 'tcp'}"
            found.setdefault(key, []).append((ip, hosts[number] if hosts else ""))
    return found


def _ipv6(text: str) -> list[str]:
    address, _, rest = text[1:].partition("]:")
    return [address, *rest.split(":")]


def _range(text: str) -> list[str]:
    low, _, high = text.partition("-")
    if not low.isdigit() or (high and not high.isdigit()):
        raise wrong(f"`{text}` is no port")
    return [str(port) for port in range(int(low), int(high or low) + 1)]


def _binds(value: Any) -> list[str]:
    return [str(v) if str(v).count(":") > 1 else f"{v}:rw" for v in value if ":" in str(v)]


def _mount(mount: Mapping[str, Any]) -> dict[str, Any]:
    kind = mount.get("type") or "volume"
    body: dict[str, Any] = {"Type": kind, "Target": mount["target"], "ReadOnly": bool(mount.get("read_only"))}
    if mount.get("source"):
        body["Source"] = mount["source"]
    options = {key: value for key, value in _MOUNTS[kind](mount).items() if value} if kind in _MOUNTS else {}
    if options:
        body[f"{kind.title()}Options"] = options
    return body


def _bind_options(mount: Mapping[str, Any]) -> dict[str, Any]:
    names = {
        "propagation": "Propagation",
        "create_mountpoint": "CreateMountpoint",
        "non_recursive": "NonRecursive",
        "read_only_force_recursive": "ReadOnlyForceRecursive",
        "read_only_non_recursive": "ReadOnlyNonRecursive",
    }
    return {key: mount.get(name) for name, key in names.items()}


def _volume_options(mount: Mapping[str, Any]) -> dict[str, Any]:
    driver = {"Name": mount.get("volume_driver"), "Options": _texts(mount.get("volume_options") or {})}
    return {
        "NoCopy": mount.get("no_copy"),
        "Labels": _texts(mount.get("labels") or {}),
        "Subpath": mount.get("subpath"),
        "DriverConfig": {key: value for key, value in driver.items() if value},
    }


def _tmpfs_options(mount: Mapping[str, Any]) -> dict[str, Any]:
    mode = mount.get("tmpfs_mode")
    return {
        "SizeBytes": size(mount["tmpfs_size"]) if mount.get("tmpfs_size") else None,
        "Mode": int(str(mode), 8) if mode is not None and str(mode).isdigit() else None,
        "Options": [
            [str(key), *([_text(value)] if value is not None else [])]
            for option in mount.get("tmpfs_options") or []
            for key, value in option.items()
        ],
    }


_MOUNTS: Mapping[str, Any] = {
    "bind": _bind_options,
    "volume": _volume_options,
    "tmpfs": _tmpfs_options,
    "image": lambda mount: {"Subpath": mount.get("subpath")},
}


def _restart(args: Mapping[str, Any]) -> dict[str, Any]:
    retries = args.get("restart_retries")
    return {"Name": args["restart_policy"], "MaximumRetryCount": int(retries or 0)}


_TIMES = {
    "interval": "Interval",
    "timeout": "Timeout",
    "start_period": "StartPeriod",
    "start_interval": "StartInterval",
}


def _health(value: Mapping[str, Any]) -> dict[str, Any]:
    test = value.get("test")
    if test in ("NONE", ["NONE"]):
        return {"Test": ["NONE"]}
    body: dict[str, Any] = {}
    if test is not None:
        body["Test"] = list(test) if isinstance(test, list) else ["CMD-SHELL", str(test)]
    for name, key in _TIMES.items():
        if value.get(name) is not None:
            body[key] = _duration(value[name])
    if value.get("retries") is not None:
        body["Retries"] = int(value["retries"])
    return body


def _hosts(value: Mapping[str, Any]) -> list[str]:
    return sorted(f"{name}:{address}" for name, address in value.items())


def _mode(value: Any) -> str:
    return "default" if value in ("", None) else str(value)


_READERS: dict[str, Any] = {
    "command": lambda a: _words(a["command"]),
    "entrypoint": lambda a: [_text(w) for w in a["entrypoint"]],
    "env": lambda a: _texts(a["env"]),
    "labels": lambda a: _texts(a["labels"]),
    "user": lambda a: str(a["user"]),
    "hostname": lambda a: str(a["hostname"]),
    "working_dir": lambda a: str(a["working_dir"]),
    "stop_signal": lambda a: str(a["stop_signal"]),
    "tty": lambda a: bool(a["tty"]),
    "interactive": lambda a: bool(a["interactive"]),
    "healthcheck": lambda a: _health(a["healthcheck"]),
    "published_ports": lambda a: _ports(a["published_ports"], a.get("default_host_ip") or ""),
    "exposed_ports": lambda a: _exposed(a["exposed_ports"]),
    "mac_address": lambda a: hardware(a["mac_address"]),
    "volumes": lambda a: _binds(a["volumes"]),
    "mounts": lambda a: [_mount(m) for m in a["mounts"]],
    "network_mode": lambda a: _mode(a["network_mode"]),
    "restart_policy": _restart,
    "memory": lambda a: size(a["memory"]),
    "memory_swap": lambda a: -1 if str(a["memory_swap"]) == "-1" else size(a["memory_swap"]),
    "cpus": lambda a: int(float(a["cpus"]) * _NANO),
    "cpu_shares": lambda a: int(a["cpu_shares"]),
    "pids_limit": lambda a: int(a["pids_limit"]),
    "auto_remove": lambda a: bool(a["auto_remove"]),
    "privileged": lambda a: bool(a["privileged"]),
    "read_only": lambda a: bool(a["read_only"]),
    "init": lambda a: bool(a["init"]),
    "capabilities": lambda a: [str(c) for c in a["capabilities"]],
    "cap_drop": lambda a: [str(c) for c in a["cap_drop"]],
    "security_opts": lambda a: [str(c) for c in a["security_opts"]],
    "groups": lambda a: [str(c) for c in a["groups"]],
    "dns_servers": lambda a: [str(c) for c in a["dns_servers"]],
    "dns_search_domains": lambda a: [str(c) for c in a["dns_search_domains"]],
    "etc_hosts": lambda a: _hosts(a["etc_hosts"]),
    "sysctls": lambda a: _texts(a["sysctls"]),
    "tmpfs": lambda a: {t.partition(":")[0]: t.partition(":")[2] for t in map(str, a["tmpfs"])},
    "shm_size": lambda a: size(a["shm_size"]),
    "pid_mode": lambda a: str(a["pid_mode"]),
    "ipc_mode": lambda a: str(a["ipc_mode"]),
    "runtime": lambda a: str(a["runtime"]),
    "domainname": lambda a: str(a["domainname"]),
    **resources.READERS,
}

PLACES = {
    "command": ("Config", "Cmd"),
    "entrypoint": ("Config", "Entrypoint"),
    "env": ("Config", "Env"),
    "labels": ("Config", "Labels"),
    "user": ("Config", "User"),
    "hostname": ("Config", "Hostname"),
    "working_dir": ("Config", "WorkingDir"),
    "stop_signal": ("Config", "StopSignal"),
    "tty": ("Config", "Tty"),
    "interactive": ("Config", "OpenStdin"),
    "healthcheck": ("Config", "Healthcheck"),
    "published_ports": ("HostConfig", "PortBindings"),
    "exposed_ports": ("Config", "ExposedPorts"),
    "mac_address": ("Config", "MacAddress"),
    "volumes": ("HostConfig", "Binds"),
    "mounts": ("HostConfig", "Mounts"),
    "network_mode": ("HostConfig", "NetworkMode"),
    "restart_policy": ("HostConfig", "RestartPolicy"),
    "memory": ("HostConfig", "Memory"),
    "memory_swap": ("HostConfig", "MemorySwap"),
    "cpus": ("HostConfig", "NanoCpus"),
    "cpu_shares": ("HostConfig", "CpuShares"),
    "pids_limit": ("HostConfig", "PidsLimit"),
    "auto_remove": ("HostConfig", "AutoRemove"),
    "privileged": ("HostConfig", "Privileged"),
    "read_only": ("HostConfig", "ReadonlyRootfs"),
    "init": ("HostConfig", "Init"),
    "capabilities": ("HostConfig", "CapAdd"),
    "cap_drop": ("HostConfig", "CapDrop"),
    "security_opts": ("HostConfig", "SecurityOpt"),
    "groups": ("HostConfig", "GroupAdd"),
    "dns_servers": ("HostConfig", "Dns"),
    "dns_search_domains": ("HostConfig", "DnsSearch"),
    "etc_hosts": ("HostConfig", "ExtraHosts"),
    "sysctls": ("HostConfig", "Sysctls"),
    "tmpfs": ("HostConfig", "Tmpfs"),
    "shm_size": ("HostConfig", "ShmSize"),
    "pid_mode": ("HostConfig", "PidMode"),
    "ipc_mode": ("HostConfig", "IpcMode"),
    "runtime": ("HostConfig", "Runtime"),
    "domainname": ("Config", "Domainname"),
    **resources.PLACES,
}
IN_PLACE = resources.IN_PLACE | {
    "memory",
    "memory_swap",
    "cpus",
    "cpu_shares",
    "pids_limit",
    "restart_policy",
}
"""What a running container can be given."""
