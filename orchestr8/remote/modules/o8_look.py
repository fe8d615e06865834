"""What a host's container engine has, in one call: its size, its images, and a project's containers."""

import time
from typing import Any, Dict, List

from orchestr8.remote.engine_socket import Engine
from orchestr8.remote.listeners import foreign
from orchestr8.remote.module import Arg, Call, Module

_CONFIG = ("RestartPolicy", "PidsLimit", "NanoCpus", "Memory", "PortBindings")
_STATE = ("Status", "Running", "ExitCode", "OOMKilled", "StartedAt", "FinishedAt")


class Look(Module):
    """Ask the engine on its own socket; answers are cut down to what is needed of them."""

    name = "o8_look"
    args = {
        "socket": Arg("str", "The engine's socket.", default="/var/run/docker.sock"),
        "api": Arg("str", "The newest version of the engine's API to speak.", required=True),
        "project": Arg("str", "The project.", required=True),
        "label": Arg("str", "The label that says to which project a container belongs.", required=True),
        "needs": Arg("list", "Labels that it has besides.", elements="str", default=[]),
        "prefix": Arg("str", "How the labels begin that are wanted.", required=True),
        "listeners": Arg("bool", "Whether to say who listens on the host's ports.", default=False),
        "timeout": Arg("float", "Seconds for each question.", default=25.0),
    }

    def run(self, call: Call) -> Dict[str, Any]:
        """Ask."""
        engine = Engine(call["socket"], call["api"], call["timeout"])
        listed = engine.get("/containers/json?all=1")
        ours = [c for c in listed if _is_ours(c.get("Labels") or {}, call)]
        mine = {c["Id"] for c in ours}
        running = [c for c in listed if c.get("State") == "running"]
        found = (engine.get("/containers/%s/json" % c["Id"]) for c in ours)
        return {
            "changed": False,
            "date": time.time(),
            "info": _of(engine.get("/info"), "Architecture", "OSType", "ServerVersion", "NCPU", "MemTotal"),
            "images": [_of(i, "Id", "RepoTags", "RepoDigests") for i in engine.get("/images/json")],
            "others": [_of(c, "Ports", "Names") for c in running if c["Id"] not in mine],
            "listeners": foreign(running) if call["listeners"] else [],
            "containers": _inspected(found, call["prefix"]),
        }


def _is_ours(labels: Dict[str, str], call: Call) -> bool:
    return labels.get(call["label"]) == call["project"] and all(name in labels for name in call["needs"])


def _inspected(found: Any, prefix: str) -> List[Dict[str, Any]]:
    """Return containers as `inspect` shows them, without those that are gone by now."""
    return [_cut(each, prefix) for each in found if each is not None]


def _cut(found: Dict[str, Any], prefix: str) -> Dict[str, Any]:
    labels = (found.get("Config") or {}).get("Labels") or {}
    state = found.get("State") or {}
    network = found.get("NetworkSettings") or {}
    networks = network.get("Networks") or {}
    return {
        **_of(found, "Id", "Name", "RestartCount"),
        "Config": {"Labels": {name: value for name, value in labels.items() if name.startswith(prefix)}},
        "State": {**_of(state, *_STATE), "Health": _of(state.get("Health") or {}, "Status")},
        "HostConfig": _of(found.get("HostConfig") or {}, *_CONFIG),
        "NetworkSettings": {
            "Networks": {name: _of(one, "IPAddress") for name, one in networks.items()},
            "Ports": network.get("Ports"),
        },
    }


def _of(found: Dict[str, Any], *names: str) -> Dict[str, Any]:
    return {name: found[name] for name in names if name in found}


MODULE = Look
