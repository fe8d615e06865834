"""Works out how a host is really reached: the endpoint's own words, then its options, then ssh_config."""

from __future__ import annotations

import getpass
import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from orchestr8.core.secret import Secret
from orchestr8.engine.ports import Endpoint
from orchestr8.transport.failures import bad_endpoint
from orchestr8.transport.ssh_config import DEFAULT, SshConfig

NAME = re.compile(r"(?:[A-Za-z0-9_.][A-Za-z0-9_.-]*|[0-9a-fA-F:]*:[0-9a-fA-F:.]*:[0-9a-fA-F:.%a-z]*)\Z")
USER = re.compile(r"[A-Za-z0-9_.+=,@\\][A-Za-z0-9_.+=,@\\$-]*\Z")
KNOWN = ("~/.ssh/known_hosts", "~/.ssh/known_hosts2")
KNOWN_GLOBAL = ("/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2")
KEYS = ("~/.ssh/id_ed25519", "~/.ssh/id_ecdsa", "~/.ssh/id_rsa")
YES = ("yes", "true", "1", "on")
STRICT = {
    "no": "no",
    "off": "no",
    "false": "no",
    "accept-new": "accept-new",
}


@dataclass(frozen=True, slots=True)
class Target:
    """A host as an SSH client meets it; `key_name` is the name its key is known by."""

    name: str
    hostname: str
    port: int
    user: str
    key_name: str
    password: Secret | None = None
    key_files: tuple[str, ...] = ()
    given_keys: bool = False
    agent: bool = True
    strict: str = "yes"
    user_known_hosts: tuple[str, ...] = KNOWN
    global_known_hosts: tuple[str, ...] = KNOWN_GLOBAL
    jumps: tuple[str, ...] = ()
    proxy_command: str | None = None
    connect_timeout: float = 10.0
    ciphers: tuple[str, ...] = ()
    kex: tuple[str, ...] = ()
    options: tuple[tuple[str, str], ...] = ()


class Resolver:
    """Turns endpoints into targets; configuration files are read once."""

    def __init__(self) -> None:
        self._configs: dict[tuple[str, ...], SshConfig] = {}
        self._lock = threading.Lock()

    def target(self, endpoint: Endpoint) -> Target:
        """Return how to reach an endpoint; raise InvalidInput for names that could be anything else."""
        given = {name.lower(): value for name, value in endpoint.options.items()}
        said = {**self._config(given).lookup(endpoint.address), **given}
        hostname = str(said.get("hostname", endpoint.address)).replace("%h", endpoint.address)
        user = endpoint.user or said.get("user") or getpass.getuser()
        _check(endpoint.name, "address", hostname, NAME)
        _check(endpoint.name, "user", user, USER)
        return Target(
            name=endpoint.name,
            hostname=hostname,
            port=endpoint.port or _port(endpoint.name, said.get("port", "22")),
            user=user,
            password=endpoint.password,
            key_name=said.get("hostkeyalias") or hostname,
            connect_timeout=_timeout(endpoint, said),
            **_keys(endpoint, said),
            **_trust(said),
            **_way(said),
            ciphers=tuple(_words(said.get("ciphers", ""), ",")),
            kex=tuple(_words(said.get("kexalgorithms", ""), ",")),
            options=tuple(sorted(given.items())),
        )

    def _config(self, options: Mapping[str, str]) -> SshConfig:
        chosen = options.get("configfile")
        files = DEFAULT if chosen is None else () if chosen == "none" else (chosen,)
        with self._lock:
            if files not in self._configs:
                self._configs[files] = SshConfig(files)
            return self._configs[files]


def hop(jump: str, options: Mapping[str, str]) -> Endpoint:
    """Return the endpoint of a jump host, written as [user@]host[:port]."""
    user, _, rest = jump.removeprefix("ssh://").rpartition("@")
    host, _, port = rest.rpartition(":") if rest.count(":") == 1 or rest.startswith("[") else (rest, "", "")
    carried = {
        name: value
        for name, value in options.items()
        if name in ("configfile", "userknownhostsfile", "globalknownhostsfile", "stricthostkeychecking")
    }
    address = host.strip("[]")
    number = _port(jump, port) if port else None
    return Endpoint(f"jump host {address}", address, number, user or None, options=carried)


def _check(name: str, what: str, value: str, grammar: re.Pattern[str]) -> None:
    if len(value) > 255 or not grammar.match(value):
        raise bad_endpoint(
            f"{name}: {what} {value[:80]!r} is refused: only letters, digits and . _ - : are expected"
        )


def _port(name: str, value: Any) -> int:
    if not str(value).isdigit() or not 0 < int(value) < 65536:
        raise bad_endpoint(f"{name}: {value!r} is no port")
    return int(value)


def _timeout(endpoint: Endpoint, said: Mapping[str, Any]) -> float:
    value = str(said.get("connecttimeout", ""))
    return float(value) if value.isdigit() and int(value) > 0 else endpoint.connect_timeout


def _keys(endpoint: Endpoint, said: Mapping[str, Any]) -> dict[str, Any]:
    files = said.get("identityfile") or []
    files = [files] if isinstance(files, str) else list(files)
    if endpoint.key_file:
        files = [endpoint.key_file, *files]
    only = str(said.get("identitiesonly", "no")).lower() in YES
    agent = not only and str(said.get("identityagent", "")).lower() != "none"
    return {"key_files": tuple(files or KEYS), "given_keys": bool(files), "agent": agent}


def _trust(said: Mapping[str, Any]) -> dict[str, Any]:
    strict = STRICT.get(str(said.get("stricthostkeychecking", "yes")).lower(), "yes")
    return {
        "strict": strict,
        "user_known_hosts": _files(said.get("userknownhostsfile"), KNOWN),
        "global_known_hosts": _files(said.get("globalknownhostsfile"), KNOWN_GLOBAL),
    }


def _files(value: Any, default: Sequence[str]) -> tuple[str, ...]:
    if value is None:
        return tuple(default)
    return tuple(word for word in str(value).replace('"', "").split() if word not in ("none", "/dev/null"))


def _way(said: Mapping[str, Any]) -> dict[str, Any]:
    jumps = _words(str(said.get("proxyjump") or ""), ",")
    command = said.get("proxycommand")
    return {
        "jumps": () if jumps == ["none"] else tuple(jumps),
        "proxy_command": None if jumps or command in (None, "none") else str(command),
    }


def _words(value: str, separator: str) -> list[str]:
    return [word.strip() for word in value.split(separator) if word.strip()]
