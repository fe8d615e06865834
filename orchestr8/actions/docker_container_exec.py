"""docker_container_exec: run a command in a container of a host."""

from __future__ import annotations

import shlex
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from orchestr8.actions.docker_making import client_words
from orchestr8.actions.docker_resources import wrong
from orchestr8.core.secret import Secret
from orchestr8.engine.services.engine_api import EngineApi
from orchestr8.engine.work import Work
from orchestr8.language.catalog import ModuleSpec
from orchestr8.remote.module import Arg

SPEC = ModuleSpec(
    name="docker_container_exec",
    controller=True,
    check_mode=False,
    doc="Run a command in a container of a host, by its docker client.",
    args={
        "container": Arg("str", "The container's name or id.", required=True),
        "argv": Arg("list", "The command, word by word.", elements="str"),
        "command": Arg("str", "The command as a line, split into words as a shell does."),
        "chdir": Arg("str", "The folder inside to run it in."),
        "detach": Arg("bool", "Do not wait for its end; the result holds `exec_id`.", default=False),
        "user": Arg("str", "As whom inside."),
        "stdin": Arg("str", "What it reads."),
        "stdin_add_newline": Arg("bool", "Add a line feed to that.", default=True),
        "strip_empty_ends": Arg("bool", "Leave out line feeds at the end of what it writes.", default=True),
        "tty": Arg("bool", "With a terminal.", default=False),
        "env": Arg("dict", "Environment variables."),
    },
    exclusive=(("argv", "command"),),
    one_of=(("argv", "command"),),
)


def run(work: Work, engine: EngineApi) -> dict[str, Any]:
    """Run the command and return what it wrote."""
    name, args = str(work.args["container"]), work.args
    path = f"/containers/{quote(name, safe='')}"
    found = engine.ask("GET", f"{path}/json")
    if found is None:
        raise wrong(f'Could not find container "{name}"')
    if found["State"].get("Paused"):
        raise wrong(f'The container "{name}" has been paused')
    argv = [str(word) for word in args.get("argv") or shlex.split(str(args.get("command") or ""))]
    if args.get("detach"):
        return _detached(work, engine, path, argv)
    return _attached(work, name, argv)


def _environment(work: Work) -> dict[str, str]:
    given = work.args.get("env") or {}
    return {str(key): value.reveal() if isinstance(value, Secret) else str(value)
            for key, value in given.items()}  # fmt: skip


def _detached(work: Work, engine: EngineApi, path: str, argv: list[str]) -> dict[str, Any]:
    if work.args.get("stdin") is not None:
        raise wrong("If detach=true, stdin cannot be provided.")
    body = {
        "Cmd": argv,
        "User": work.args.get("user") or "",
        "Env": [f"{key}={value}" for key, value in _environment(work).items()],
    }
    if work.args.get("chdir"):
        body["WorkingDir"] = work.args["chdir"]
    made = engine.ask("POST", f"{path}/exec", body=body)
    engine.ask("POST", f"/exec/{made['Id']}/start", body={"Detach": True, "Tty": bool(work.args.get("tty"))})
    return {"changed": True, "exec_id": made["Id"]}


def _attached(work: Work, name: str, argv: list[str]) -> dict[str, Any]:
    args, environ = work.args, _environment(work)
    words = [*client_words(work), "exec"]
    words += ["--interactive"] if args.get("stdin") is not None else []
    words += ["--user", str(args["user"])] if args.get("user") else []
    words += ["--workdir", str(args["chdir"])] if args.get("chdir") else []
    # The values go by the environment: whoever lists processes sees no secret.
    words += [word for key in environ for word in ("--env", key)]
    asked = {"argv": [*words, name, *argv]}
    for key in ("stdin", "stdin_add_newline", "strip_empty_ends"):
        if args.get(key) is not None:
            asked[key] = args[key]
    request = work.request("command", asked)
    done = work.connection().call(replace(request, environ={**request.environ, **environ}))
    if done.get("failed") and "rc" not in done:
        raise wrong(str(done.get("msg")))
    told = {key: done.get(key, "") for key in ("stdout", "stderr", "rc")}
    return {"changed": True, **told}
