"""How a docker module reaches its engine: the arguments that all of them take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from orchestr8.actions.docker_resources import wrong
from orchestr8.language.catalog import ModuleSpec
from orchestr8.remote.module import Arg

_SOCKET = "unix:///var/run/docker.sock"
_PORT = 2375
_TLS = "TLS to an engine is not spoken: SSH protects the way to the host; use the engine's own socket there"
_ARGS = {
    "docker_host": Arg(
        "str",
        "The engine as the host sees it: unix:///path, or tcp://address:port; DOCKER_HOST of the task, or "
        f"{_SOCKET}, without it.",
        aliases=["docker_url"],
    ),
    "timeout": Arg("int", "Seconds that one request may take.", default=60),
    "api_version": Arg(
        "str", "Accepted; the newest that both sides know is spoken.", default="auto",
        aliases=["docker_api_version"],
    ),
    "debug": Arg("bool", "Accepted.", default=False),
    "tls": Arg("bool", "Not supported: the engine is reached through SSH.", default=False),
    "validate_certs": Arg("bool", "Not supported, as `tls`.", default=False, aliases=["tls_verify"]),
    "tls_hostname": Arg("str", "Accepted; only TLS would use it."),
    "ca_path": Arg("path", "Accepted; only TLS would use it.",
                   aliases=["ca_cert", "tls_ca_cert", "cacert_path"]),
    "client_cert": Arg("path", "Accepted; only TLS would use it.", aliases=["tls_client_cert", "cert_path"]),
    "client_key": Arg("path", "Accepted; only TLS would use it.", aliases=["tls_client_key", "key_path"]),
    "use_ssh_client": Arg("bool", "Accepted.", default=False),
}  # fmt: skip


def connected(spec: ModuleSpec) -> ModuleSpec:
    """Return what a module takes, with the arguments of the connection."""
    together = (*spec.together, ("client_cert", "client_key"))
    return replace(spec, args={**_ARGS, **spec.args}, together=together)


def stream_of(args: Mapping[str, Any], environ: Mapping[str, str]) -> str:
    """Return the engine as streams are named: unix:/path or tcp:address:port."""
    if args.get("tls") or args.get("validate_certs"):
        raise wrong(_TLS)
    place = str(args.get("docker_host") or environ.get("DOCKER_HOST") or _SOCKET)
    kind, _, rest = place.partition("://")
    rest = rest.rstrip("/") if kind != "unix" else "/" + rest.lstrip("/")
    if kind == "unix":
        return f"unix:{rest}"
    if kind not in ("tcp", "http") or not rest:
        raise wrong(f"docker_host: `{place}` is neither unix:///path nor tcp://address:port")
    address, _, port = rest.rpartition(":") if ":" in rest.rpartition("]")[2] else (rest, "", str(_PORT))
    return f"tcp:{address.strip('[]')}:{port}"
