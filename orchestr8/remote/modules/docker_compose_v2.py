"""docker_compose_v2: brings a project of Docker Compose into a state."""

import json
import os
from contextlib import contextmanager
from typing import Any, Dict, Iterator, List

from orchestr8.remote.compose_events import actions
from orchestr8.remote.module import Arg, Call, Failure, Module
from orchestr8.remote.process import run, text
from orchestr8.remote.programs import reason, required, said

_FILES = ("compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml")
_CHOICES = ["always", "missing", "never", "policy"]


class DockerComposeV2(Module):
    """Brings a project of Docker Compose up or down by the host's `docker compose`."""

    name = "docker_compose_v2"
    args = {
        "project_src": Arg("path", "Folder of the project."),
        "project_name": Arg("str", "Its name; the folder's without it."),
        "files": Arg("list", "Its files, in the folder.", elements="path"),
        "definition": Arg("dict", "The project itself, in place of files."),
        "env_files": Arg("list", "Files of environment variables.", elements="path"),
        "profiles": Arg("list", "Profiles to enable.", elements="str"),
        "check_files_existing": Arg("bool", "Look whether there is a file.", default=True),
        "docker_cli": Arg("path", "The docker command, in place of the one on PATH."),
        "docker_host": Arg("str", "The engine.", aliases=["docker_url"]),
        "cli_context": Arg("str", "The context of Docker's client, in place of its current one."),
        "tls": Arg("bool", "Speak TLS to the engine, without verifying it.", default=False),
        "validate_certs": Arg("bool", "Speak TLS, and verify the engine.", default=False,
                              aliases=["tls_verify"]),
        "tls_hostname": Arg("str", "Accepted; the client verifies the name it calls."),
        "ca_path": Arg("path", "Certificate of who signed the engine's.",
                       aliases=["ca_cert", "tls_ca_cert", "cacert_path"]),
        "client_cert": Arg("path", "Our own certificate.", aliases=["tls_client_cert", "cert_path"]),
        "client_key": Arg("path", "Its key.", aliases=["tls_client_key", "key_path"]),
        "api_version": Arg("str", "The version of the engine's API.", default="auto",
                           aliases=["docker_api_version"]),
        "state": Arg(
            "str", "The state.", default="present", choices=["absent", "stopped", "restarted", "present"]
        ),
        "pull": Arg("str", "When to pull images.", default="policy", choices=_CHOICES),
        "build": Arg("str", "When to build images.", default="policy", choices=["always", "never", "policy"]),
        "dependencies": Arg("bool", "Linked services too.", default=True),
        "ignore_build_events": Arg("bool", "A build alone is no change.", default=True),
        "recreate": Arg("str", "When to make containers anew.", default="auto",
                        choices=["always", "never", "auto"]),
        "renew_anon_volumes": Arg("bool", "Make anonymous volumes anew.", default=False),
        "remove_images": Arg("str", "With absent, remove images too.", choices=["all", "local"]),
        "remove_volumes": Arg("bool", "With absent, remove volumes too.", default=False),
        "remove_orphans": Arg("bool", "Remove containers of services that are gone.", default=False),
        "timeout": Arg("int", "Seconds that containers get to stop."),
        "services": Arg("list", "Only these services.", elements="str"),
        "scale": Arg("dict", "How many containers a service has."),
        "wait": Arg("bool", "Wait until services are healthy.", default=False),
        "wait_timeout": Arg("int", "Seconds to wait at most."),
        "assume_yes": Arg("bool", "Answer every question with yes.", default=False),
    }  # fmt: skip
    exclusive = (
        ("definition", "project_src"),
        ("definition", "files"),
        ("cli_context", "docker_host"),
    )
    one_of = (("definition", "project_src"),)
    together = (("client_cert", "client_key"),)
    required_by = {"definition": ("project_name",)}

    def run(self, call: Call) -> Dict[str, Any]:
        """Ask Compose for the state; what changed is what it says."""
        with _project(call) as folder:
            base = _base(call, folder)
            heard = [_tell(call, [*base, *words]) for words in _commands(call)]
            out: Dict[str, Any] = {"stdout": "", "stderr": "\n".join(heard)}
            build = not call["ignore_build_events"]
            out["actions"] = [action for part in heard for action in actions(part, build=build)]
            out["changed"] = bool(out["actions"])
            out["containers"] = _listed([*base, "ps", "--all", "--format", "json"])
            out["images"] = _listed([*base, "images", "--format", "json"])
        return out


@contextmanager
def _project(call: Call) -> Iterator[str]:
    """Yield the project's folder; a definition gets one of its own, as JSON, which is YAML."""
    if call["definition"] is None:
        folder = call["project_src"]
        if not os.path.isdir(folder):
            raise Failure(f'"{folder}" is not a directory')
        there = [name for name in _FILES if os.path.exists(os.path.join(folder, name))]
        if not call["files"] and call["check_files_existing"] and not there:
            raise Failure(f'"{folder}" does not contain {", ".join(_FILES[:-1])}, or {_FILES[-1]}')
        yield folder
        return
    import tempfile

    with tempfile.TemporaryDirectory(prefix=".o8-") as folder:
        with open(os.path.join(folder, "compose.yaml"), "w") as stream:
            json.dump(call["definition"], stream)
        yield folder


def _base(call: Call, folder: str) -> List[str]:
    program = call["docker_cli"] or required("docker", "docker.io")
    host = _way(call)
    if run([program, "compose", "version"], parse=True).rc:
        raise Failure("Docker CLI has no compose plugin installed (docker compose v2)")
    words = [
        program,
        *host,
        "compose",
        "--ansi",
        "never",
        "--progress",
        "plain",
        "--project-directory",
        folder,
    ]
    words += ["--project-name", call["project_name"]] if call["project_name"] else []
    for name, flag in (("files", "--file"), ("env_files", "--env-file"), ("profiles", "--profile")):
        for value in call[name] or []:
            words += [flag, os.path.join(folder, value) if name != "profiles" else value]
    return words


def _way(call: Call) -> List[str]:
    """Return the words for Docker's client that say which engine, and how it is spoken to."""
    pairs = (
        ("docker_host", "--host"),
        ("cli_context", "--context"),
        ("ca_path", "--tlscacert"),
        ("client_cert", "--tlscert"),
        ("client_key", "--tlskey"),
    )
    words = [word for name, flag in pairs if call[name] for word in (flag, call[name])]
    return words + (["--tlsverify"] if call["validate_certs"] else ["--tls"] if call["tls"] else [])


def _commands(call: Call) -> List[List[str]]:
    state = call["state"]
    dry = ["--dry-run"] if call.check else []
    last = ["--timeout", str(call["timeout"])] if call["timeout"] is not None else []
    names = ["--", *call["services"]] if call["services"] else []
    orphans = ["--remove-orphans"] if call["remove_orphans"] else []
    if state == "present":
        return [[*dry, *_up(call), *orphans, *last, *names]]
    if state == "absent":
        images = ["--rmi", call["remove_images"]] if call["remove_images"] else []
        volumes = ["--volumes"] if call["remove_volumes"] else []
        return [[*dry, "down", *orphans, *images, *volumes, *last, *names]]
    if state == "restarted":
        alone = [] if call["dependencies"] else ["--no-deps"]
        return [[*dry, "restart", *alone, *last, *names]]
    return [[*dry, *_up(call), "--no-start", *orphans, *names], [*dry, "stop", *last, *names]]


def _up(call: Call) -> List[str]:
    started = call["state"] == "present"
    words = ["up", *(["--detach", "--no-color"] if started else ["--no-color"])]
    words += ["--quiet-pull"] if call["pull"] != "never" else []
    words += ["--pull", call["pull"]] if call["pull"] != "policy" else []
    words += {"always": ["--build"], "never": ["--no-build"]}.get(call["build"], [])
    words += {"always": ["--force-recreate"], "never": ["--no-recreate"]}.get(call["recreate"], [])
    words += [] if call["dependencies"] else ["--no-deps"]
    words += ["--renew-anon-volumes"] if call["renew_anon_volumes"] else []
    for name, count in (call["scale"] or {}).items():
        words += ["--scale", f"{name}={count}"]
    if call["wait"] and started:
        words += ["--wait"]
        words += ["--wait-timeout", str(call["wait_timeout"])] if call["wait_timeout"] is not None else []
    return [*words, "--yes"] if call["assume_yes"] else words


def _tell(call: Call, argv: List[str]) -> str:
    done = run(argv, parse=True, timeout=call.timeout, progress=call.progress)
    if done.rc:
        raise Failure(f"docker compose failed: {reason(done)}", **said(done))
    return text(done.stderr) + text(done.stdout)


def _listed(argv: List[str]) -> List[Dict[str, Any]]:
    """Return what Compose lists: one JSON array, or one JSON object a line, as its version likes."""
    shown = text(run(argv, parse=True).stdout).strip()
    try:
        if shown.startswith("["):
            return list(json.loads(shown))
        return [json.loads(line) for line in shown.splitlines() if line.strip()]
    except ValueError:
        return []


MODULE = DockerComposeV2
