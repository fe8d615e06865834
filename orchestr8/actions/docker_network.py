"""docker_network: have a network on a host, with containers connected to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from orchestr8.engine.services.engine_api import EngineApi
from orchestr8.engine.work import Work
from orchestr8.language.catalog import ModuleSpec
from orchestr8.remote.module import Arg

_POOL = {
    "subnet": Arg("str", "The addresses, such as 172.30.0.0/16."),
    "gateway": Arg("str", "The gateway's address."),
    "iprange": Arg("str", "The part that addresses are given out of."),
    "aux_addresses": Arg("dict", "Reserved addresses by name."),
}
_SWITCHES = {
    "internal": "Internal",
    "attachable": "Attachable",
    "ingress": "Ingress",
    "config_only": "ConfigOnly",
    "enable_ipv4": "EnableIPv4",
    "enable_ipv6": "EnableIPv6",
}
SPEC = ModuleSpec(
    name="docker_network",
    controller=True,
    doc="Have a network on a host, with containers connected to it.",
    args={
        "name": Arg("str", "The network.", required=True, aliases=["network_name"]),
        "state": Arg("str", "Whether it is there.", default="present", choices=["present", "absent"]),
        "driver": Arg("str", "The driver.", default="bridge"),
        "driver_options": Arg("dict", "Options of the driver.", default={}),
        "ipam_config": Arg("list", "Its address pools.", elements="dict", options=_POOL),
        "internal": Arg("bool", "Without a way out."),
        "config_only": Arg("bool", "Only a configuration that others are made of."),
        "config_from": Arg("str", "The network whose configuration it takes."),
        "scope": Arg("str", "How far it reaches.", choices=["local", "global", "swarm"]),
        "ingress": Arg("bool", "The routing mesh of a swarm."),
        "ipam_driver": Arg("str", "Who gives addresses out."),
        "ipam_driver_options": Arg("dict", "Options of that driver."),
        "enable_ipv4": Arg("bool", "With IPv4."),
        "attachable": Arg("bool", "Open to containers that are no part of a service."),
        "enable_ipv6": Arg("bool", "With IPv6."),
        "labels": Arg("dict", "Labels.", default={}),
        "connected": Arg("list", "Containers in it.", elements="str", default=[], aliases=["containers"]),
        "appends": Arg("bool", "Leave other containers connected.", default=False, aliases=["incremental"]),
        "force": Arg("bool", "Make it anew even if it is as it should be.", default=False),
    },
)  # fmt: skip


def run(work: Work, engine: EngineApi) -> dict[str, Any]:
    """Compare and repair."""
    name = str(work.args["name"])
    found = _inspect(engine, name)
    if work.args.get("state") == "absent":
        if found is not None and not work.check:
            _remove(engine, found)
        return {"changed": found is not None, "network": {}}
    differences = [] if found is None else sorted(_differences(work.args, found))
    actions = []
    if found is None or differences or work.args.get("force"):
        actions.append("replaced" if found is not None else "created")
        if not work.check:
            if found is not None:
                _remove(engine, found)
            engine.ask("POST", "/networks/create", body=_body(work.args))
    actions += _connect(work, engine, name)
    result: dict[str, Any] = {"changed": bool(actions), "actions": actions}
    result["network"] = _inspect(engine, name) or {}
    if work.diff:
        result["diff"] = {"before": {"exists": found is not None}, "after": {"exists": True}}
        result["diff"]["differences"] = differences
    return result


def _inspect(engine: EngineApi, name: str) -> dict[str, Any] | None:
    found: dict[str, Any] | None = engine.ask("GET", f"/networks/{quote(name, safe='')}")
    return found if found is not None and name in (found["Name"], found["Id"]) else None


def _remove(engine: EngineApi, network: Mapping[str, Any]) -> None:
    for container in network.get("Containers") or {}:
        engine.ask(
            "POST", f"/networks/{network['Id']}/disconnect", body={"Container": container, "Force": True}
        )
    engine.ask("DELETE", f"/networks/{network['Id']}")


def _body(args: Mapping[str, Any]) -> dict[str, Any]:
    body: dict[str, Any] = {
        "Name": args["name"],
        "CheckDuplicate": True,
        "Driver": str(args.get("driver") or "bridge"),
        "Options": _texts(args.get("driver_options")),
        "Labels": _texts(args.get("labels")),
        **{key: bool(args.get(name)) for name, key in _SWITCHES.items() if name != "enable_ipv4"},
    }
    if args.get("enable_ipv4") is not None:
        body["EnableIPv4"] = bool(args["enable_ipv4"])
    if args.get("config_from"):
        body["ConfigFrom"] = {"Network": args["config_from"]}
    if args.get("scope"):
        body["Scope"] = args["scope"]
    ipam = {
        "Driver": args.get("ipam_driver"),
        "Options": _texts(args.get("ipam_driver_options")),
        "Config": [_pool(pool) for pool in args.get("ipam_config") or []],
    }
    if any(ipam.values()):
        body["IPAM"] = {key: value for key, value in ipam.items() if value}
    return body


def _texts(values: Mapping[str, Any] | None) -> dict[str, str]:
    return {str(k): str(v).lower() if isinstance(v, bool) else str(v) for k, v in (values or {}).items()}


def _pool(pool: Mapping[str, Any]) -> dict[str, Any]:
    names = {
        "subnet": "Subnet",
        "gateway": "Gateway",
        "iprange": "IPRange",
        "aux_addresses": "AuxiliaryAddresses",
    }
    return {names[key]: value for key, value in pool.items() if value}


def _differences(args: Mapping[str, Any], found: Mapping[str, Any]) -> list[str]:
    wanted = _body(args)
    # A configuration has no driver of its own, whatever it is made with.
    driver = found.get("Driver") if args.get("config_only") else wanted["Driver"]
    different = [] if driver == found.get("Driver") else ["Driver"]
    different += [
        key for key in ("Options", "Labels") if not wanted[key].items() <= (found.get(key) or {}).items()
    ]
    for name, key in _SWITCHES.items():
        if args.get(name) is not None and wanted[key] != bool(found.get(key)):
            different.append(key)
    if args.get("config_from") not in (None, (found.get("ConfigFrom") or {}).get("Network")):
        different.append("ConfigFrom")
    if args.get("scope") not in (None, found.get("Scope")):
        different.append("Scope")
    return different + (["IPAM"] if _other_ipam(args, wanted, found.get("IPAM") or {}) else [])


def _other_ipam(args: Mapping[str, Any], wanted: Mapping[str, Any], found: Mapping[str, Any]) -> bool:
    ipam, have = wanted.get("IPAM") or {}, found.get("Config") or []
    pools = ipam.get("Config", [])
    if any(not any(pool.items() <= other.items() for other in have) for pool in pools):
        return True
    options = args.get("ipam_driver_options")
    if options is not None and _texts(options) != (found.get("Options") or {}):
        return True
    return args.get("ipam_driver") not in (None, found.get("Driver"))


def _connect(work: Work, engine: EngineApi, name: str) -> list[str]:
    found = _inspect(engine, name)
    have = {c["Name"] for c in ((found or {}).get("Containers") or {}).values()}
    wanted = [str(c) for c in work.args.get("connected") or []]
    missing = [c for c in wanted if c not in have]
    extra = [] if work.args.get("appends") or not wanted else sorted(have - set(wanted))
    if not work.check:
        for container in missing:
            engine.ask("POST", f"/networks/{quote(name, safe='')}/connect", body={"Container": container})
        for container in extra:
            body = {"Container": container, "Force": True}
            engine.ask("POST", f"/networks/{quote(name, safe='')}/disconnect", body=body)
    return [f"connected {c}" for c in missing] + [f"disconnected {c}" for c in extra]
