"""docker_container: have a container on a host as described, running or not, or have none."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from orchestr8.actions import docker_image
from orchestr8.actions.docker_compare import Difference, differences, rules
from orchestr8.actions.docker_endpoints import moves
from orchestr8.actions.docker_env_file import environment
from orchestr8.actions.docker_resources import wrong
from orchestr8.actions.docker_spec import ARGS
from orchestr8.actions.docker_wishes import create_body, endpoint, limits_body, wanted
from orchestr8.engine.services.engine_api import EngineApi
from orchestr8.engine.work import Work
from orchestr8.language.catalog import ModuleSpec

SPEC = ModuleSpec(
    name="docker_container",
    controller=True,
    doc="Have a container on a host as described, running or not, or have none.",
    args=ARGS,
    required_if=(("state", "present", ("image",)),),
    required_by={"log_options": ("log_driver",), "restart_retries": ("restart_policy",)},
)
_PAUSE = 0.5
_REMOVAL = 300.0
_LONGEST = 86400.0


def run(work: Work, engine: EngineApi) -> dict[str, Any]:
    """Compare the container with its description and repair it; it is made anew only where it must be."""
    return _Container(work, engine).settled()


@dataclass
class _Container:
    work: Work
    engine: EngineApi
    actions: list[dict[str, Any]] = field(default_factory=list)
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)

    @property
    def args(self) -> Mapping[str, Any]:
        return self.work.args

    @property
    def name(self) -> str:
        return str(self.args["name"])

    def settled(self) -> dict[str, Any]:
        found = self._inspect()
        if self.args.get("state") == "absent":
            self._absent(found)
            return self._result(None, {})
        found = self._present(found)
        extra = self._state(found)
        return self._result(self._inspect(), extra)

    def _inspect(self) -> dict[str, Any] | None:
        found: dict[str, Any] | None = self.engine.ask("GET", f"{self._path}/json")
        return found

    @property
    def _path(self) -> str:
        return f"/containers/{quote(self.name, safe='')}"

    def _do(self, method: str, path: str, told: dict[str, Any], **more: Any) -> None:
        """Note an action, and carry it out unless only checking."""
        self.actions.append(told)
        if not self.work.check:
            self.engine.ask(method, path, **more)

    def _absent(self, found: dict[str, Any] | None) -> None:
        if found is None:
            return
        self.before["exists"], self.after["exists"] = True, False
        if found["State"]["Running"]:
            self._stop()
        self._remove()

    def _stop(self) -> None:
        if self.args.get("force_kill"):
            signal = self.args.get("kill_signal")
            self._do(
                "POST", f"{self._path}/kill", {"killed": self.name}, params={"signal": signal or "SIGKILL"}
            )
            return
        grace = self.args.get("stop_timeout")
        params = {} if grace is None else {"t": int(grace)}
        timeout = 30.0 + float(grace or 10)
        self._do("POST", f"{self._path}/stop", {"stopped": self.name}, params=params, timeout=timeout)

    def _remove(self) -> None:
        volumes = not self.args.get("keep_volumes", True)
        self._do("DELETE", self._path, {"removed": self.name}, params={"v": volumes, "force": True})

    def _wait_gone(self) -> None:
        """Wait until the engine has removed a container that it removes itself."""
        deadline = time.monotonic() + float(self.args.get("removal_wait_timeout") or _REMOVAL)
        while not self.work.check and self._inspect() is not None:
            if time.monotonic() > deadline:
                raise wrong(f"the engine did not remove {self.name} in time")
            time.sleep(_PAUSE)

    def _present(self, found: dict[str, Any] | None) -> dict[str, Any] | None:
        wishes = wanted({**self.args, "env": environment(self.work) or self.args.get("env")})
        image = self._image(found)
        if found is None:
            self.before["exists"], self.after["exists"] = False, True
            return self._make(image, wishes)
        how = rules(self.args.get("comparisons"))
        differing = differences(found, wishes, how)
        if image and self._other_image(found, image, how):
            differing.append(Difference("image", found["Config"]["Image"], image, renews=True))
        self._labels(image)
        self._tell(differing)
        if self.args.get("recreate") or any(d.renews for d in differing):
            self._renew(found)
            return self._make(image or found["Config"]["Image"], wishes)
        if differing:
            body = limits_body({d.name: wishes[d.name] for d in differing})
            self._do("POST", f"{self._path}/update", {"updated": self.name, **body}, body=body)
        self._networks(found, how.get("networks", "allow_more_present"))
        return found

    def _labels(self, image: str) -> None:
        """Refuse labels that the image brings along, where the task wants none but its own."""
        if self.args.get("image_label_mismatch") != "fail" or self.args.get("labels") is None or not image:
            return
        there = docker_image.inspect(self.engine, image) or {"Config": {}}
        extra = sorted(set(there["Config"].get("Labels") or {}) - set(self.args["labels"]))
        if extra:
            told = ", ".join(extra)
            raise wrong(
                f"the image brings labels that are not asked for: {told}; name them, or let "
                "image_label_mismatch be `ignore`"
            )

    def _tell(self, differing: list[Difference]) -> None:
        for one in differing:
            self.before[one.name], self.after[one.name] = one.before, one.after

    def _renew(self, found: dict[str, Any]) -> None:
        if found["State"]["Running"]:
            self._stop()
        if found["HostConfig"].get("AutoRemove") and found["State"]["Running"]:
            self._wait_gone()
            return
        self._remove()

    def _image(self, found: dict[str, Any] | None) -> str:
        """Return the image asked for, pulled as `pull` says."""
        if not self.args.get("image"):
            if found is None:
                raise wrong(f"there is no container {self.name}, and no `image` to make it of")
            return ""
        image = docker_image.reference(str(self.args["image"]), "latest")
        there = docker_image.inspect(self.engine, image)
        pull = str(self.args.get("pull", "missing")).lower()
        if pull in ("never", "no") and there is None:
            raise wrong(f"the image {image} is not on the host, and `pull` is never")
        if self.work.check and pull in ("always", "true", "yes"):
            if there is None or self.args.get("pull_check_mode_behavior") == "always":
                self.actions.append({"pulled_image": image})
        elif (there is None or pull in ("always", "true", "yes")) and not self.work.check:
            self.engine.pull(image, self.args.get("platform"))
            now = docker_image.inspect(self.engine, image)
            if there is None or (now is not None and now["Id"] != there["Id"]):
                self.actions.append({"pulled_image": image})
        return image

    def _other_image(self, found: dict[str, Any], image: str, how: Mapping[str, str]) -> bool:
        """Return whether the container is made of another image, or of the same by another name."""
        if how.get("image") == "ignore":
            return False
        desired = self.args.get("image_comparison") != "current-image"
        there = docker_image.inspect(self.engine, image) if desired else {"Id": found["Image"]}
        if there is None or there["Id"] != found["Image"]:
            return True
        recreate = self.args.get("image_name_mismatch", "recreate") == "recreate"
        return recreate and docker_image.reference(found["Config"]["Image"], "latest") != image

    def _make(self, image: str, wishes: Mapping[str, Any]) -> dict[str, Any] | None:
        networks = list(self.args.get("networks") or [])
        body = create_body(image, wishes, networks)
        grace = self.args.get("stop_timeout")
        if grace is not None:
            body["StopTimeout"] = int(grace)
        told = {"created": self.name, "image": image}
        params = {"name": self.name}
        if self.args.get("platform"):
            params["platform"] = str(self.args["platform"])
        self._do("POST", "/containers/create", told, params=params, body=body)
        for network in networks if "network_mode" in wishes else networks[1:]:
            self._join(network)
        return None if self.work.check else self._inspect()

    def _networks(self, found: dict[str, Any], how: str) -> None:
        leave, join = moves(found, self.args.get("networks"), how)
        if leave or join:
            have = sorted((found.get("NetworkSettings") or {}).get("Networks") or {})
            self.before["networks"] = have
            after = (set(have) - set(leave)) | {str(network["name"]) for network in join}
            self.after["networks"] = sorted(after)
        for name in leave:
            path = f"/networks/{quote(name, safe='')}/disconnect"
            self._do("POST", path, {"removed_from_network": name}, body={"Container": self.name})
        for network in join:
            self._join(network)

    def _join(self, network: Mapping[str, Any]) -> None:
        body = {"Container": self.name, "EndpointConfig": endpoint(network)}
        path = f"/networks/{quote(str(network['name']), safe='')}/connect"
        self._do("POST", path, {"added_to_network": network["name"]}, body=body)

    def _state(self, found: dict[str, Any] | None) -> dict[str, Any]:
        state = self.args.get("state") or "started"
        running = found is not None and bool(found["State"]["Running"])
        if state == "stopped" and running:
            self.before["running"], self.after["running"] = True, False
            self._stop()
        if state not in ("started", "healthy"):
            return {}
        extra = self._started(running=running, healthy=state == "healthy")
        self._pause(found if running else None)
        return extra

    def _pause(self, found: Mapping[str, Any] | None) -> None:
        """Freeze or thaw the processes of a container that runs."""
        wanted, now = self.args.get("paused"), bool(found and found["State"].get("Paused"))
        if wanted is None or wanted == now:
            return
        self.before["paused"], self.after["paused"] = now, wanted
        verb = "pause" if wanted else "unpause"
        self._do("POST", f"{self._path}/{verb}", {"set_paused": wanted})

    def _started(self, *, running: bool, healthy: bool) -> dict[str, Any]:
        fresh = any("created" in action for action in self.actions)
        if not running:
            if not fresh:
                self.before["running"], self.after["running"] = False, True
            self._do("POST", f"{self._path}/start", {"started": self.name})
        elif self.args.get("restart") and not fresh:
            grace = self.args.get("stop_timeout")
            params = {} if grace is None else {"t": int(grace)}
            self._do("POST", f"{self._path}/restart", {"restarted": self.name}, params=params, timeout=60.0)
        if self.work.check:
            return {}
        if healthy:
            self._wait_healthy()
        return {} if running or self.args.get("detach", True) else self._waited()

    def _wait_healthy(self) -> None:
        timeout = float(self.args.get("healthy_wait_timeout") or 300)
        deadline = time.monotonic() + timeout
        while True:
            found = self._inspect() or {"State": {}}
            health = (found["State"].get("Health") or {}).get("Status")
            if health in ("healthy", None):
                return
            if time.monotonic() > deadline:
                raise wrong(f"{self.name} was not healthy within {timeout:g}s; it is {health}")
            time.sleep(_PAUSE)

    def _waited(self) -> dict[str, Any]:
        """Wait for the container's end and return its exit code and output."""
        ended = self.engine.ask("POST", f"{self._path}/wait", timeout=_LONGEST)
        output = self.engine.logs(self.name)
        if self.args.get("cleanup"):
            self.engine.ask("DELETE", self._path, params={"v": True, "force": True})
        code = int(ended["StatusCode"])
        told: dict[str, Any] = {"status": code, "output": output}
        return {**told, "failed": True, "msg": output or f"exit code {code}"} if code else told

    def _result(self, found: dict[str, Any] | None, extra: dict[str, Any]) -> dict[str, Any]:
        container = dict(found or {})
        if "output" in extra:
            container["Output"] = extra.pop("output")
        result: dict[str, Any] = {"changed": bool(self.actions), "container": container, **extra}
        if self.work.verbosity > 1 or self.work.check:
            result["actions"] = self.actions
        if self.work.diff:
            result["diff"] = {"before": self.before, "after": self.after}
        return result
