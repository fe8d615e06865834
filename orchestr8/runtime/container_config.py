"""A workload in the words of the Engine API (`POST /containers/create`, API 1.40 and later)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from orchestr8.core.secret import Secret
from orchestr8.deploy.service import ServiceSpec
from orchestr8.deploy.workload import Attachment, Health, Limits, Mount, Tuning, Workload

_NANO = 1_000_000_000
BUILT_IN = ("bridge", "host", "none", "default")
"""Networks that every engine has; nothing has another name on them."""


def container_config(
    spec: ServiceSpec, labels: Mapping[str, str], files: Mapping[str, str]
) -> dict[str, Any]:
    """Return the body of a create request; secrets of the environment are revealed in it.

    files: paths on the host by the paths they are mounted at. On its networks a container is known by
    its service's name, too.
    """
    workload = spec.workload
    body: dict[str, Any] = {
        "Image": workload.reference,
        "Cmd": _words(workload.command),
        "Entrypoint": [""] if workload.entrypoint == () else _words(workload.entrypoint),
        "Env": [f"{name}={_revealed(value)}" for name, value in sorted(workload.environment.items())],
        "Labels": dict(labels),
        "ExposedPorts": {port: {} for port in _exposed(workload)},
        "User": workload.user,
        "WorkingDir": workload.working_dir,
        "Hostname": workload.hostname,
        "Domainname": workload.tuning.domainname,
        "Tty": workload.tty,
        "OpenStdin": workload.stdin_open,
        "StopSignal": workload.stop_signal or None,
        "StopTimeout": int(workload.stop_grace),
        "Healthcheck": _health(workload.healthcheck),
        "HostConfig": _host_config(workload, files),
        "NetworkingConfig": _first_network(spec),
    }
    return {key: value for key, value in body.items() if value not in (None, "", {}, [])}


def _exposed(workload: Workload) -> list[str]:
    return [*(f"{p.container}/{p.protocol}" for p in workload.ports), *workload.tuning.expose]


def limits_config(limits: Limits) -> dict[str, Any]:
    """Return the body of an update request: cpus, memory, pids and restart policy."""
    memory = {"Memory": limits.memory, "MemorySwap": limits.memory * 2} if limits.memory else {}
    return {
        "NanoCpus": int((limits.cpus or 0) * _NANO),
        **memory,
        "PidsLimit": limits.pids or 0,
        "RestartPolicy": {
            "Name": limits.restart.name,
            "MaximumRetryCount": limits.restart.max_retries,
        },
    }


def _words(words: tuple[str, ...] | None) -> list[str] | None:
    return None if words is None else list(words)


def _revealed(value: str | Secret) -> str:
    return value.reveal() if isinstance(value, Secret) else value


def _health(health: Health | None) -> dict[str, Any] | None:
    if health is None:
        return None
    if health.disable:
        return {"Test": ["NONE"]}
    times = {
        "Interval": health.interval,
        "Timeout": health.timeout,
        "StartPeriod": health.start_period,
        "StartInterval": health.start_interval,
    }
    body: dict[str, Any] = {name: int(s * _NANO) for name, s in times.items() if s is not None}
    if health.test:
        body["Test"] = list(health.test)
    if health.retries is not None:
        body["Retries"] = health.retries
    return body


def _host_config(workload: Workload, files: Mapping[str, str]) -> dict[str, Any]:
    body: dict[str, Any] = {
        **limits_config(workload.limits),
        **_tuned(workload.tuning),
        "PortBindings": _bindings(workload),
        "Binds": [_bind(mount) for mount in workload.mounts if _bound(mount)],
        "Mounts": [
            *(_mount(mount) for mount in workload.mounts if not _bound(mount)),
            *(_file(*pair) for pair in sorted(files.items())),
        ],
        "NetworkMode": workload.network_mode or (workload.networks[0].name if workload.networks else ""),
        "Init": workload.init,
        "Privileged": workload.privileged,
        "ReadonlyRootfs": workload.read_only,
        "CapAdd": list(workload.cap_add),
        "CapDrop": list(workload.cap_drop),
        "SecurityOpt": list(workload.security_opt),
        "Devices": [_device(device) for device in workload.devices],
        "GroupAdd": list(workload.group_add),
        "ExtraHosts": list(workload.extra_hosts),
        "Dns": list(workload.dns),
        "DnsSearch": list(workload.dns_search),
        "Sysctls": dict(workload.sysctls),
        "Ulimits": [{"Name": u.name, "Soft": u.soft, "Hard": u.hard} for u in workload.ulimits],
        "ShmSize": workload.shm_size,
        "PidMode": workload.pid,
        "IpcMode": workload.ipc,
        "LogConfig": {"Type": workload.log_driver, "Config": dict(workload.log_options)}
        if workload.log_driver
        else None,
    }
    return {key: value for key, value in body.items() if value not in (None, "", {}, [], 0)}


def _tuned(tuning: Tuning) -> dict[str, Any]:
    return {
        "DnsOptions": list(tuning.dns_opt),
        "CpuShares": tuning.cpu_shares,
        "CpusetCpus": tuning.cpuset,
        "OomScoreAdj": tuning.oom_score_adj,
        "OomKillDisable": tuning.oom_kill_disable or None,
        "UsernsMode": tuning.userns_mode,
        "UTSMode": tuning.uts,
        "Runtime": tuning.runtime,
        "CgroupParent": tuning.cgroup_parent,
        "DeviceCgroupRules": list(tuning.device_cgroup_rules),
        "StorageOpt": dict(tuning.storage_opt),
    }


def _bindings(workload: Workload) -> dict[str, list[dict[str, str]]]:
    found: dict[str, list[dict[str, str]]] = {}
    for port in workload.ports:
        binding = {"HostIp": port.host_ip, "HostPort": str(port.host_port or "")}
        found.setdefault(f"{port.container}/{port.protocol}", []).append(binding)
    return found


def _bound(mount: Mount) -> bool:
    """Say whether only the short form tells the engine all: to make the directory, to label it."""
    made = mount.type == "bind" and mount.create_host_path
    return (made or bool(mount.selinux)) and ":" not in mount.source + mount.target


def _bind(mount: Mount) -> str:
    given = (mount.propagation, mount.selinux, "nocopy" if mount.nocopy else "")
    options = ("ro" if mount.read_only else "rw", *filter(None, given))
    return f"{mount.source}:{mount.target}:{','.join(options)}"


def _mount(mount: Mount) -> dict[str, Any]:
    body: dict[str, Any] = {"Type": mount.type, "Target": mount.target, "ReadOnly": mount.read_only}
    if mount.source:
        body["Source"] = mount.source
    if mount.type == "volume" and mount.nocopy:
        body["VolumeOptions"] = {"NoCopy": True}
    if mount.type == "bind":
        options = {"Propagation": mount.propagation, "CreateMountpoint": mount.create_host_path}
        body["BindOptions"] = {name: value for name, value in options.items() if value}
    if mount.type == "tmpfs":
        sizes = {"SizeBytes": mount.size, "Mode": mount.mode}
        body["TmpfsOptions"] = {name: value for name, value in sizes.items() if value is not None}
    return body


def _device(device: str) -> dict[str, str]:
    parts = device.split(":")
    inside = parts[1] if len(parts) > 1 else parts[0]
    rights = parts[2] if len(parts) > 2 else "rwm"
    return {"PathOnHost": parts[0], "PathInContainer": inside, "CgroupPermissions": rights}


def _file(target: str, source: str) -> dict[str, Any]:
    return {"Type": "bind", "Source": source, "Target": target, "ReadOnly": True}


def _first_network(spec: ServiceSpec) -> dict[str, Any] | None:
    """Return the settings of the first network; engines before API 1.44 take only one at creation."""
    networks = spec.workload.networks
    if not networks or networks[0].name in BUILT_IN:
        return None
    return {"EndpointsConfig": {networks[0].name: {"Aliases": aliases(spec, networks[0])}}}


def aliases(spec: ServiceSpec, network: Attachment) -> list[str]:
    """Return the names of a container on a network."""
    return list(dict.fromkeys((spec.name, *network.aliases)))
