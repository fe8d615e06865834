"""docker_image: have an image on a host, tag it, push it, keep it in an archive, or remove it."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from orchestr8.actions.docker_making import BUILD, archive, build, load, push
from orchestr8.core.errors import Diagnostic, InvalidInput
from orchestr8.engine.services.engine_api import EngineApi
from orchestr8.engine.work import Work
from orchestr8.language.catalog import ModuleSpec
from orchestr8.remote.module import Arg

SPEC = ModuleSpec(
    name="docker_image",
    controller=True,
    doc="Have an image on a host, tag it, push it, keep it in an archive, or remove it.",
    args={
        "name": Arg("str", "The image, with or without its tag.", required=True),
        "tag": Arg("str", "The tag.", default="latest"),
        "state": Arg("str", "Whether it is there.", default="present", choices=["present", "absent"]),
        "source": Arg("str", "Where it comes from: a registry (pull), the host (local), a folder there "
                      "with a Dockerfile (build), an archive there (load).",
                      choices=["pull", "local", "build", "load"]),
        "force_source": Arg("bool", "Pull, build or load again even if it is there.", default=False),
        "force_tag": Arg("bool", "Set `repository` anew even if another image has it.", default=False),
        "force_absent": Arg("bool", "Remove it even if containers use it.", default=False),
        "repository": Arg("str", "Another name and tag that the image gets."),
        "build": Arg("dict", "How it is built.", options=BUILD),
        "load_path": Arg("path", "The archive of `docker save` to load."),
        "archive_path": Arg("path", "Keep the image in this archive on the host, as `docker save` does."),
        "pull": Arg("dict", "How it is pulled.", options={"platform": Arg("str", "The platform.")}),
        "push": Arg("bool", "Push it, or `repository`, with the credentials of the host.", default=False),
        "debug": Arg("bool", "Accepted.", default=False),
    },
    required_if=(
        ("state", "present", ("source",)),
        ("source", "build", ("build",)),
        ("source", "load", ("load_path",)),
    ),
)  # fmt: skip


_DONE = {"build": "Built", "load": "Loaded"}


def run(work: Work, engine: EngineApi) -> dict[str, Any]:
    """Compare and repair."""
    image = reference(str(work.args["name"]), str(work.args.get("tag") or "latest"))
    found = inspect(engine, image)
    if work.args.get("state") == "absent":
        return _absent(work, engine, image, found)
    return _present(work, engine, image, found)


def reference(name: str, tag: str) -> str:
    """Return an image's name with its tag."""
    if "@" in name or ":" in name.rsplit("/", 1)[-1] or name.startswith("sha256:"):
        return name
    return f"{name}:{tag}"


def inspect(engine: EngineApi, image: str) -> dict[str, Any] | None:
    """Return what the engine knows of an image."""
    found: dict[str, Any] | None = engine.ask("GET", f"/images/{quote(image, safe='/:@')}/json")
    return found


def _absent(work: Work, engine: EngineApi, image: str, found: dict[str, Any] | None) -> dict[str, Any]:
    if found is not None and not work.check:
        force = {"force": bool(work.args.get("force_absent"))}
        engine.ask("DELETE", f"/images/{quote(image, safe='/:@')}", params=force)
    actions = [f"Removed image {image}"] if found is not None else []
    return _result(work, found, None, {}, actions)


def _present(work: Work, engine: EngineApi, image: str, found: dict[str, Any] | None) -> dict[str, Any]:
    actions: list[str] = []
    now, said, source = found, "", work.args.get("source")
    if found is None and source == "local":
        raise InvalidInput(Diagnostic("O8-2402", f"cannot find the image {image} locally", work.task.span))
    if found is None or work.args.get("force_source"):
        if not work.check:
            said = _got(work, engine, image)
            now = inspect(engine, image)
        if now is None or found is None or now["Id"] != found["Id"]:
            actions.append(f"{_DONE.get(str(source), 'Pulled')} image {image}")
    if work.args.get("archive_path") and now is not None:
        actions += archive(work, image, str(now["Id"]))
    actions += _tagged(work, engine, image, now)
    if work.args.get("push"):
        name = str(work.args.get("repository") or image)
        actions += push(work, reference(name, str(work.args.get("tag") or "latest")))
    result = _result(work, found, now, now or {}, actions)
    return {**result, "stdout": said} if said else result


def _got(work: Work, engine: EngineApi, image: str) -> str:
    """Get an image from where it comes from; return what the host's client said of it."""
    source = work.args.get("source")
    if source == "build":
        return build(work, image)
    if source == "load":
        return load(work)
    engine.pull(image, (work.args.get("pull") or {}).get("platform"))
    return ""


def _tagged(work: Work, engine: EngineApi, image: str, now: dict[str, Any] | None) -> list[str]:
    if not work.args.get("repository"):
        return []
    target = reference(str(work.args["repository"]), str(work.args.get("tag") or "latest"))
    there = inspect(engine, target)
    same = there is not None and now is not None and there["Id"] == now["Id"]
    if same or (there is not None and not work.args.get("force_tag")):
        return []
    if not work.check:
        repository, _, tag = target.rpartition(":")
        engine.ask("POST", f"/images/{quote(image, safe='/:@')}/tag", params={"repo": repository, "tag": tag})
    return [f"Tagged image {image} to {target}"]


def _result(
    work: Work, before: dict[str, Any] | None, after: dict[str, Any] | None, image: dict[str, Any],
    actions: list[str],
) -> dict[str, Any]:  # fmt: skip
    result: dict[str, Any] = {"changed": bool(actions), "actions": actions, "image": image}
    if work.diff:
        result["diff"] = {"before": _shown(before), "after": _shown(after)}
    return result


def _shown(image: dict[str, Any] | None) -> dict[str, Any]:
    return {"exists": False} if image is None else {"exists": True, "id": image["Id"]}
