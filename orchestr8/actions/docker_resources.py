"""What a container may use of its host, in the words of the Engine API: limits, devices, logs, namespaces."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from orchestr8.core.errors import Diagnostic, InvalidInput
from orchestr8.remote.module import Arg

_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([kmgt]?)i?b?", re.IGNORECASE)

Reader = Callable[[Mapping[str, Any]], Any]


def wrong(text: str) -> InvalidInput:
    """Return the error for an argument that cannot be meant."""
    return InvalidInput(Diagnostic("O8-2404", text))


def size(value: Any) -> int:
    """Return bytes from a text such as 512M."""
    found = _SIZE.fullmatch(str(value).strip())
    if found is None:
        raise wrong(f"`{value}` is no size such as 512M")
    return int(float(found[1]) * 1024 ** " kmgt".index((found[2] or " ").lower()))


def _device(text: str) -> dict[str, str]:
    source, *rest = str(text).split(":")
    inside = next((word for word in rest if word.startswith("/")), source)
    rights = next((word for word in rest if not word.startswith("/")), "rwm")
    return {"PathOnHost": source, "PathInContainer": inside, "CgroupPermissions": rights}


def _ulimit(text: str) -> dict[str, Any]:
    name, *limits = str(text).replace("=", ":", 1).split(":")
    if len(limits) not in (1, 2) or not all(limit.lstrip("-").isdigit() for limit in limits):
        raise wrong(f"`{text}` is no limit such as nofile:1024:2048")
    return {"Name": name, "Soft": int(limits[0]), "Hard": int(limits[-1])}


def _log(args: Mapping[str, Any]) -> dict[str, Any]:
    options = args.get("log_options")
    told = {} if options is None else {"Config": _texts(options)}
    return {"Type": str(args["log_driver"]), **told}


def _plain(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _request(wish: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "Driver": wish.get("driver") or "",
        "Count": int(wish.get("count") or 0),
        "DeviceIDs": wish.get("device_ids"),
        "Capabilities": wish.get("capabilities") or [],
        "Options": wish.get("options") or {},
    }


def _rate(wish: Mapping[str, Any]) -> dict[str, Any]:
    return {"Path": str(wish["path"]), "Rate": size(wish["rate"])}


def _texts(value: Mapping[str, Any]) -> dict[str, str]:
    return {str(key): _plain(each) for key, each in value.items()}


def _list(kind: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: [kind(each) for each in value]


def _reader(name: str, kind: Callable[[Any], Any]) -> Reader:
    return lambda args: kind(args[name])


_PATH = Arg("str", "The device.", required=True)
_BYTES = {"path": _PATH, "rate": Arg("str", "Bytes a second, such as 10M.", required=True)}
_OPERATIONS = {"path": _PATH, "rate": Arg("int", "Operations a second.", required=True)}
_REQUEST = {
    "capabilities": Arg("list", "Lists of what they have to be able to.", elements="list"),
    "count": Arg("int", "How many; -1 for all."),
    "device_ids": Arg("list", "Which ones.", elements="str"),
    "driver": Arg("str", "Whose."),
    "options": Arg("dict", "Options of the driver."),
}
_TABLE: Mapping[str, tuple[str, Callable[[Any], Any], Arg]] = {
    "devices": (
        "Devices",
        _list(_device),
        Arg("list", "Devices: `host:inside:rwm`.", elements="str"),
    ),
    "device_requests": (
        "DeviceRequests",
        _list(_request),
        Arg("list", "Devices by driver, such as GPUs.", elements="dict", options=_REQUEST),
    ),
    **{
        f"device_{what}": (
            f"BlkioDevice{key}",
            _list(_rate),
            Arg("list", f"The most that devices {doc} a second.", elements="dict", options=rate),
        )
        for what, key, doc, rate in (
            ("read_bps", "ReadBps", "read, such as 10M,", _BYTES),
            ("write_bps", "WriteBps", "write, such as 10M,", _BYTES),
            ("read_iops", "ReadIOps", "read operations", _OPERATIONS),
            ("write_iops", "WriteIOps", "write operations", _OPERATIONS),
        )
    },
    "links": (
        "Links",
        _list(lambda link: str(link) if ":" in str(link) else f"{link}:{link}"),
        Arg("list", "Containers it may call by name: `container:alias`.", elements="str"),
    ),
    "device_cgroup_rules": (
        "DeviceCgroupRules",
        _list(str),
        Arg("list", "Rules for devices.", elements="str"),
    ),
    "ulimits": (
        "Ulimits",
        _list(_ulimit),
        Arg("list", "Limits: `nofile:1024:2048`.", elements="str"),
    ),
    "volumes_from": (
        "VolumesFrom",
        _list(str),
        Arg("list", "Containers whose volumes it has too.", elements="str"),
    ),
    "dns_opts": (
        "DnsOptions",
        _list(str),
        Arg("list", "Resolver options.", elements="str"),
    ),
    "storage_opts": (
        "StorageOpt",
        _texts,
        Arg("dict", "Options of its storage."),
    ),
    "memory_reservation": (
        "MemoryReservation",
        size,
        Arg("str", "Memory it is to be left with."),
    ),
    "memory_swappiness": (
        "MemorySwappiness",
        int,
        Arg("int", "How readily it is swapped, 0 to 100."),
    ),
    "blkio_weight": (
        "BlkioWeight",
        int,
        Arg("int", "Its weight for disks, 10 to 1000."),
    ),
    "cpu_period": ("CpuPeriod", int, Arg("int", "The scheduler's period.")),
    "cpu_quota": ("CpuQuota", int, Arg("int", "The scheduler's quota.")),
    "cpuset_cpus": ("CpusetCpus", str, Arg("str", "Its processors: `0-2` or `0,1`.")),
    "cpuset_mems": ("CpusetMems", str, Arg("str", "Its memory nodes.")),
    "oom_killer": (
        "OomKillDisable",
        bool,
        Arg("bool", "Switch the OOM killer off for it."),
    ),
    "oom_score_adj": (
        "OomScoreAdj",
        int,
        Arg("int", "Its score for the OOM killer."),
    ),
    "userns_mode": ("UsernsMode", str, Arg("str", "The user namespace.")),
    "uts": ("UTSMode", str, Arg("str", "The UTS namespace.")),
    "cgroup_parent": ("CgroupParent", str, Arg("str", "The parent cgroup.")),
    "cgroupns_mode": ("CgroupnsMode", str, Arg("str", "The cgroup namespace.", choices=["private", "host"])),
    "volume_driver": ("VolumeDriver", str, Arg("str", "The driver of its volumes.")),
    "publish_all_ports": (
        "PublishAllPorts",
        bool,
        Arg("bool", "Publish all exposed ports to ports that the host chooses."),
    ),
}
READERS: Mapping[str, Reader] = {
    **{name: _reader(name, kind) for name, (_, kind, _) in _TABLE.items()},
    "log_driver": _log,
}
PLACES: Mapping[str, tuple[str, str]] = {
    **{name: ("HostConfig", key) for name, (key, _, _) in _TABLE.items()},
    "log_driver": ("HostConfig", "LogConfig"),
}
ARGS: Mapping[str, Arg] = {
    **{name: arg for name, (_, _, arg) in _TABLE.items()},
    "log_driver": Arg("str", "Where its output goes."),
    "log_options": Arg("dict", "Options of the log driver.", aliases=["log_opt"]),
    "container_default_behavior": Arg(
        "str",
        "Accepted; what is not given is left to image and engine.",
        choices=["no_defaults", "compatibility"],
    ),
    "networks_cli_compatible": Arg(
        "bool", "Accepted; the first network is given when it is made.", default=True
    ),
}
IN_PLACE = frozenset(
    ("memory_reservation", "blkio_weight", "cpu_period", "cpu_quota", "cpuset_cpus", "cpuset_mems")
)
"""What a running container can be given."""
GROWING = frozenset(("devices", "device_requests", "ulimits", "volumes_from", "dns_opts", "links"))
"""What may hold more than was asked for."""
