"""Makes images of what a host has, and keeps them elsewhere, by the host's own docker client."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from orchestr8.core.errors import Diagnostic, HostFailed
from orchestr8.core.secret import Secret
from orchestr8.engine.work import Work
from orchestr8.remote.module import Arg

_LIMITS = {
    "memory": "--memory",
    "memswap": "--memory-swap",
    "cpushares": "--cpu-shares",
    "cpusetcpus": "--cpuset-cpus",
}
BUILD = {
    "path": Arg("path", "The folder on the host that holds all that goes into the image.", required=True),
    "dockerfile": Arg("str", "The file that says how, from that folder on."),
    "args": Arg("dict", "Values of the file's ARGs."),
    "pull": Arg("bool", "Look for a newer base image.", default=False),
    "nocache": Arg("bool", "Use nothing of earlier builds.", default=False),
    "rm": Arg("bool", "Remove the containers that the build used.", default=True),
    "target": Arg("str", "The stage to build."),
    "platform": Arg("str", "The platform to build for."),
    "network": Arg("str", "The network of RUN."),
    "cache_from": Arg("list", "Images whose layers may serve.", elements="str"),
    "etc_hosts": Arg("dict", "Further lines of /etc/hosts."),
    "labels": Arg("dict", "Labels."),
    "shm_size": Arg("str", "The size of /dev/shm."),
    "container_limits": Arg(
        "dict",
        "Limits of the build.",
        options={
            "memory": Arg("str", "The most memory."),
            "memswap": Arg("str", "Memory and swap together; -1 is no limit."),
            "cpushares": Arg("int", "Its weight against others."),
            "cpusetcpus": Arg("str", "Its processors: `0-2` or `0,1`."),
        },
    ),
    "use_config_proxy": Arg("bool", "Accepted; the host's client uses the proxies of its configuration."),
    "http_timeout": Arg("int", "Seconds it may take."),
}


def build(work: Work, image: str) -> str:
    """Build an image and return what the client said; raise HostFailed."""
    wish = work.args.get("build") or {}
    if not wish.get("path"):
        raise HostFailed(Diagnostic("O8-2407", "`source: build` needs `build.path`", work.task.span))
    given = {str(name): _text(value) for name, value in (wish.get("args") or {}).items()}
    # The values go by the environment: whoever lists processes sees no secret.
    words = ["build", "--tag", image, *(word for name in given for word in ("--build-arg", name))]
    return _docker(work, [*words, *_options(wish), str(wish["path"])], given, wish.get("http_timeout"))


def load(work: Work) -> str:
    """Load an archive of images and return what the client said; raise HostFailed."""
    if not work.args.get("load_path"):
        raise HostFailed(Diagnostic("O8-2407", "`source: load` needs `load_path`", work.task.span))
    return _docker(work, ["load", "--input", str(work.args["load_path"])], {}, None)


def push(work: Work, image: str) -> list[str]:
    """Push an image with the credentials of the host; return what was done."""
    if not work.check:
        _docker(work, ["push", "--quiet", image], {}, None)
    repository, _, tag = image.rpartition(":")
    return [f"Pushed image {repository} to {repository}:{tag}"]


def archive(work: Work, image: str, identity: str) -> list[str]:
    """Save an image unless the archive holds it already; return what was done."""
    path = str(work.args["archive_path"])
    now = work.call("command", {"argv": ["tar", "-xOf", path, "manifest.json"]})
    held = [] if now.get("failed") else json.loads(now.get("stdout") or "[]")
    same = [each for each in held if _hexadecimal(each["Config"]) == identity.partition(":")[2]]
    if len(held) == 1 and same and image in (same[0].get("RepoTags") or [image]):
        return []
    if not work.check:
        _docker(work, ["save", "--output", path, image], {}, None)
    why = "since none present" if now.get("failed") else "overwriting what it held"
    return [f"Archived image {image} to {path}, {why}"]


def _hexadecimal(config: str) -> str:
    """Return the id in the path of a configuration: `ID.json`, or `blobs/sha256/ID` of newer engines."""
    return config.rpartition("/")[2].removesuffix(".json")


def _options(wish: Mapping[str, Any]) -> Iterator[str]:
    if wish.get("dockerfile"):
        yield f"--file={str(wish['path']).rstrip('/')}/{wish['dockerfile']}"
    for name, option in (("pull", "--pull"), ("nocache", "--no-cache")):
        if wish.get(name):
            yield option
    if wish.get("rm") is False:
        yield "--rm=false"
    for name in ("target", "platform", "network", "shm_size"):
        if wish.get(name):
            yield f"--{name.replace('_', '-')}={wish[name]}"
    yield from (f"--cache-from={each}" for each in wish.get("cache_from") or ())
    yield from (f"--add-host={name}:{address}" for name, address in (wish.get("etc_hosts") or {}).items())
    yield from (f"--label={name}={_text(value)}" for name, value in (wish.get("labels") or {}).items())
    limits = wish.get("container_limits") or {}
    yield from (
        f"{option}={limits[name]}" for name, option in _LIMITS.items() if limits.get(name) is not None
    )


def _text(value: Any) -> str:
    return str(value.reveal() if isinstance(value, Secret) else value)


def client_words(work: Work) -> list[str]:
    """Return how the host's docker client is called, for the engine that the task means."""
    place = work.args.get("docker_host")
    return ["docker", "--host", str(place)] if place else ["docker"]


def _docker(work: Work, words: list[str], environ: Mapping[str, str], timeout: int | None) -> str:
    request = work.request("command", {"argv": [*client_words(work), *words]})
    request = replace(request, environ={**request.environ, **environ}, timeout=timeout or request.timeout)
    done = work.connection().call(request)
    if done.get("failed"):
        said = str(done.get("stderr") or done.get("stdout") or done.get("msg", "")).strip()
        raise HostFailed(Diagnostic("O8-2407", f"docker {words[0]}: {said[-2000:]}", work.task.span))
    return str(done.get("stdout", ""))
