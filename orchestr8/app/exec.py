"""One task on the hosts of a pattern: a play made in memory, run as any other."""

from __future__ import annotations

import json
import os
import shlex
import sys
from dataclasses import replace
from typing import Any

from orchestr8.app.catalog import Actions, catalog
from orchestr8.app.fleet import open_inventory
from orchestr8.app.options import role_places, run_options
from orchestr8.app.playbooks import Project, check_limit
from orchestr8.app.request import ExecRequest
from orchestr8.app.run import carry_out
from orchestr8.app.secrets import secrets
from orchestr8.app.settings import Settings
from orchestr8.core.errors import Diagnostic, InvalidInput
from orchestr8.engine.options import RunOptions
from orchestr8.engine.ports import Sink
from orchestr8.inventory.inventory import Inventory
from orchestr8.language.catalog import Catalog
from orchestr8.language.files import Files
from orchestr8.language.findings import Findings
from orchestr8.language.load import Loader
from orchestr8.language.plays import read_play
from orchestr8.language.session import Session
from orchestr8.language.syntax import Playbook
from orchestr8.language.yaml import load
from orchestr8.transport.pool import Network

PLACE = "<command line>"


def execute(request: ExecRequest, sink: Sink) -> int:
    """Run the task and return the exit code; a mistake is raised before any host is contacted."""
    network = Network()
    network.warm()
    opened, actions, options = secrets(request), Actions(), options_of(request)
    files = opened.files()
    inventory = open_inventory(request, [options.playbook_dir], files)
    known = catalog(actions, request.module_path)
    check_limit(inventory, request.limit)
    _refuse_nobody(inventory, request)
    playbook = made(request, known, files, options)
    loader = Loader(known, files=files, extra_vars=options.extra_vars, **role_places())
    project = Project(playbook, inventory, options, actions, known, loader, opened, tuple(inventory.warnings))
    return carry_out(project, playbook, request, network, sink)


def asked(request: ExecRequest) -> ExecRequest:
    """Return the request with the module and arguments of the settings where it names none."""
    settings = Settings()
    arguments = request.arguments if request.words or request.module else settings["MODULE_ARGS"] or ""
    module = request.module or ("command" if request.words else settings["MODULE_NAME"])
    return replace(request, module=module, arguments=request.arguments or arguments)


def hosts(request: ExecRequest) -> str:
    """Return the hosts that the task would run on, as `ansible --list-hosts` shows them."""
    inventory = open_inventory(request)
    check_limit(inventory, request.limit)
    selected = inventory.selection(request.pattern, request.limit)
    chosen = selected.hosts
    for warning in selected.warnings:
        sys.stderr.write(f"[WARNING]: {warning.message}\n")
    _refuse_nobody(inventory, request)
    return "\n".join([f"  hosts ({len(chosen)}):", *(f"    {host.name}" for host in chosen)])


def options_of(request: ExecRequest) -> RunOptions:
    """Return the run's options; variables beside playbooks are those of a folder that may be named."""
    options = run_options(request)
    folder = request.playbook_dir or Settings()["PLAYBOOK_DIR"]
    return replace(options, playbook_dir=os.path.abspath(folder)) if folder else options


def made(request: ExecRequest, known: Catalog, files: Files, options: RunOptions) -> Playbook:
    """Return the playbook of one play with one task; raise InvalidInput for mistakes in the task."""
    task: dict[str, Any] = {request.module: _arguments(request)}
    if request.background:
        task |= {"async": request.background, "poll": 15 if request.poll is None else request.poll}
    if request.task_timeout:
        task["timeout"] = request.task_timeout
    play = {"name": "Ad-Hoc", "hosts": request.pattern, "gather_facts": False, "tasks": [task]}
    findings = Findings()
    session = Session(
        known,
        files,
        findings,
        options.playbook_dir,
        extra_vars=options.extra_vars,
        **role_places(),
    )
    read = read_play(load(json.dumps(play), PLACE), f"{options.playbook_dir}/{PLACE}", session)
    if findings.failed:
        findings.fail()
    return Playbook(PLACE, (read,), options.extra_vars)


def _arguments(request: ExecRequest) -> Any:
    if request.words:
        command = "cmd" if request.module == "shell" else "argv"
        return {command: shlex.join(request.words) if command == "cmd" else list(request.words)}
    text = request.arguments.strip()
    if not text.startswith("{") or text.startswith(("{{", "{%")):
        return request.arguments or None
    values = load(text, PLACE)
    if not isinstance(values, dict):
        raise InvalidInput(Diagnostic("O8-1706", f"{text} is not a mapping of arguments"))
    return values


def _refuse_nobody(inventory: Inventory, request: ExecRequest) -> None:
    if not inventory.select(request.pattern, request.limit):
        sys.stderr.write("[WARNING]: No hosts matched, nothing to do\n")
