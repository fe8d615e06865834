"""How a container differs from what is asked for; what its image brings along is no difference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from orchestr8.actions.docker_resources import GROWING, wrong
from orchestr8.actions.docker_wishes import IN_PLACE, PLACES

_HOW = ("strict", "ignore", "allow_more_present")
_GROWING = GROWING | frozenset(
    (
        "env", "labels", "published_ports", "volumes", "mounts", "capabilities", "cap_drop", "security_opts",
        "groups", "dns_servers", "etc_hosts", "sysctls", "tmpfs", "exposed_ports",
    )
)  # fmt: skip
"""What may hold more than was asked for, unless `comparisons` says strict."""
_ALIASES = {
    "ports": "published_ports",
    "environment": "env",
    "exposed": "exposed_ports",
    "expose": "exposed_ports",
    "log_opt": "log_options",
}


@dataclass(frozen=True, slots=True)
class Difference:
    """An argument, what is, what should be, and whether that needs a new container."""

    name: str
    before: Any
    after: Any
    renews: bool


def rules(comparisons: Mapping[str, Any] | None) -> dict[str, str]:
    """Return how each argument is compared."""
    given = {_ALIASES.get(str(k), str(k)): str(v) for k, v in (comparisons or {}).items()}
    if bad := [v for v in given.values() if v not in _HOW]:
        raise wrong(f"comparisons: `{bad[0]}` is none of {', '.join(_HOW)}")
    everything = given.pop("*", None)
    found = {name: "allow_more_present" if name in _GROWING else "strict" for name in PLACES}
    if everything is not None:
        found = dict.fromkeys(found, everything) | {"image": everything, "networks": everything}
    return {**found, **given}


def differences(
    container: Mapping[str, Any], wishes: Mapping[str, Any], how: Mapping[str, str]
) -> list[Difference]:
    """Return what differs among what was asked for."""
    found = []
    for name, value in wishes.items():
        if how.get(name) == "ignore":
            continue
        now = _now(container, name)
        if not _same(name, now, value, how.get(name, "strict")):
            before, after = _shown(name, now, value)
            found.append(Difference(name, before, after, name not in IN_PLACE))
    return found


def _now(container: Mapping[str, Any], name: str) -> Any:
    place, key = PLACES[name]
    value = container[place].get(key)
    if name == "env":
        return dict(line.partition("=")[::2] for line in value or [])
    if name == "published_ports":
        return {
            port: [(_ip(b.get("HostIp")), b.get("HostPort") or "") for b in bound or []]
            for port, bound in (value or {}).items()
        }
    if name == "links":
        return [_link(each) for each in value or []]
    return value or container.get("NetworkSettings", {}).get(key) if name == "mac_address" else value


def _link(shown: str) -> str:
    """Return a link as it was asked for: the engine shows `/other:/name/alias`."""
    other, _, alias = str(shown).partition(":")
    return f"{other.lstrip('/')}:{alias.rsplit('/', 1)[-1]}"


def _ip(address: Any) -> str:
    return "" if address in (None, "", "0.0.0.0") else str(address)  # noqa: S104 -- compared, not bound


def _same(name: str, now: Any, value: Any, how: str) -> bool:
    if name in ("healthcheck", "restart_policy", "log_driver"):
        return bool(value.items() <= (now or {}).items())
    if name == "mounts":
        return _covered([_lean(m) for m in value], [_lean(m) for m in now or []], how)
    if name == "volumes":
        return _covered([_bind(b) for b in value], [_bind(b) for b in now or []], how)
    if name == "network_mode":
        return value == now or {value, now} <= {"default", "bridge", ""}
    if name == "published_ports":
        value = {port: [(_ip(ip), host) for ip, host in bound] for port, bound in value.items()}
    if isinstance(value, dict):
        return value == (now or {}) if how == "strict" else bool(value.items() <= (now or {}).items())
    if isinstance(value, list) and name in _GROWING:
        return _covered(value, list(now or []), how)
    return bool(value == now) or (not value and not now)


def _covered(value: list[Any], now: list[Any], how: str) -> bool:
    inside = all(each in now for each in value)
    return inside and (how != "strict" or len(value) == len(now))


def _lean(mount: Mapping[str, Any]) -> dict[str, Any]:
    return {key: mount.get(key) for key in ("Type", "Target", "Source") if mount.get(key)} | {
        "ReadOnly": bool(mount.get("ReadOnly"))
    }


def _bind(bind: str) -> tuple[str, str, frozenset[str]]:
    source, _, rest = bind.partition(":")
    target, _, mode = rest.partition(":")
    return source, target, frozenset(mode.split(",")) - {"rw", "z", "Z", ""}


def _shown(name: str, now: Any, value: Any) -> tuple[Any, Any]:
    """Return both sides of a diff; of the environment only names, since values may be secret."""
    if name != "env":
        return now, value
    changed = sorted(key for key, text in value.items() if now.get(key) != text)
    return [key for key in changed if key in now], [f"{key} (new value)" for key in changed]
