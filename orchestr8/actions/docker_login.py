"""docker_login: have the credentials of a registry on a host."""

from __future__ import annotations

import base64
import json
from typing import Any

from orchestr8.core.errors import Diagnostic, HostFailed
from orchestr8.engine.services.engine_api import EngineApi
from orchestr8.engine.work import Work
from orchestr8.language.catalog import ModuleSpec
from orchestr8.remote.module import Arg

_HUB = "https://index.docker.io/v1/"
SPEC = ModuleSpec(
    name="docker_login",
    controller=True,
    doc="Have the credentials of a registry on a host.",
    args={
        "registry_url": Arg("str", "The registry.", default=_HUB, aliases=["registry", "url"]),
        "username": Arg("str", "The user."),
        "password": Arg("str", "The password.", secret=True),
        "reauthorize": Arg("bool", "Ask the registry even if the same is there.", default=False,
                           aliases=["reauth"]),
        "config_path": Arg("str", "The file on the host.", default="~/.docker/config.json",
                           aliases=["dockercfg_path"]),
        "state": Arg("str", "Whether they are there.", default="present", choices=["present", "absent"]),
    },
    required_if=(("state", "present", ("username", "password")),),
)  # fmt: skip


def run(work: Work, engine: EngineApi) -> dict[str, Any]:
    """Ask the registry whether they are good, then write them into the file where they differ."""
    registry = str(work.args["registry_url"])
    config = _config(work)
    auths: dict[str, Any] = dict(config.get("auths") or {})
    now = auths.get(registry)
    if work.args.get("state") == "absent":
        if now is None:
            return {"changed": False, "login_result": {}}
        auths.pop(registry)
        return {"changed": True, "login_result": {}, **_store(work, {**config, "auths": auths})}
    wanted = {"auth": _token(work)}
    if now == wanted and not work.args.get("reauthorize"):
        return {"changed": False, "login_result": _told(work, registry)}
    answer = engine.ask("POST", "/auth", body=_asked(work, registry))
    changed = now != wanted
    if changed:
        _store(work, {**config, "auths": {**auths, registry: wanted}})
    return {"changed": changed, "login_result": {**_told(work, registry), **(answer or {})}}


def _token(work: Work) -> str:
    return base64.b64encode(f"{work.args['username']}:{work.args['password']}".encode()).decode("ascii")


def _told(work: Work, registry: str) -> dict[str, Any]:
    return {"username": work.args["username"], "serveraddress": registry}


def _asked(work: Work, registry: str) -> dict[str, Any]:
    return {**_told(work, registry), "password": str(work.args["password"])}


def _config(work: Work) -> dict[str, Any]:
    got = work.call("slurp", {"src": work.args["config_path"]})
    if got.get("failed"):
        return {}
    try:
        found = json.loads(base64.b64decode(got["content"]) or b"{}")
    except ValueError:
        found = None
    if not isinstance(found, dict):
        text = f"{work.args['config_path']} is no configuration of Docker: it holds no JSON object"
        raise HostFailed(Diagnostic("O8-2405", text, work.task.span))
    return found


def _store(work: Work, config: dict[str, Any]) -> dict[str, Any]:
    path = str(work.args["config_path"])
    folder = {"path": path.rpartition("/")[0] or ".", "state": "directory", "mode": "0700"}
    made = {} if work.call("stat", {"path": folder["path"]}).get("stat", {}).get("exists") else folder
    written = {"dest": path, "content": json.dumps(config, indent=4), "mode": "0600"}
    steps = [("file", made)] if made else []
    for module, args in [*steps, ("copy", written)]:
        if work.check:
            break
        result = work.call(module, args)
        if result.get("failed"):
            raise HostFailed(
                Diagnostic("O8-2406", f"cannot write {path}: {result.get('msg')}", work.task.span)
            )
    return {}
