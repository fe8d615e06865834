"""Turns what was asked for into the engine's options: flags over environment over defaults."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from getpass import getpass
from pathlib import Path
from typing import Any, TypedDict

from orchestr8.app import extra_vars
from orchestr8.app.durations import seconds
from orchestr8.app.request import FleetRequest, RunRequest
from orchestr8.app.settings import Settings
from orchestr8.core.errors import Diagnostic, InvalidInput
from orchestr8.core.secret import Secret
from orchestr8.engine.options import RunOptions
from orchestr8.language.collection_roles import roots
from orchestr8.language.playbooks import collection_playbooks
from orchestr8.template.plugins.shape import KINDS
from orchestr8.template.plugins.shelf import Plugins


def run_options(request: FleetRequest, playbook: str | None = None) -> RunOptions:
    """Return the engine's options; asks for passwords where that was wanted."""
    run = request if isinstance(request, RunRequest) else RunRequest()
    settings = Settings()
    return RunOptions(
        forks=request.forks or settings["FORKS"],
        check=run.check,
        diff=run.diff or settings["DIFF_ALWAYS"],
        verbosity=request.verbose or settings["VERBOSITY"],
        limit=request.limit,
        tags=_words(run.tags) or tuple(settings["RUN_TAGS"]),
        skip_tags=_words(run.skip_tags) or tuple(settings["SKIP_TAGS"]),
        start_at=run.start_at_task,
        force_handlers=run.force_handlers or settings["FORCE_HANDLERS"],
        extra_vars=extra_vars.read(request.extra_vars),
        connection_vars=_connection_vars(request, settings),
        become=request.become or bool(request.become_user) or settings["BECOME"],
        become_user=request.become_user or settings["BECOME_USER"],
        become_method=request.become_method or settings["BECOME_METHOD"],
        become_exe=settings["BECOME_EXE"],
        become_flags=settings["BECOME_FLAGS"],
        become_same_user=settings["BECOME_ALLOW_SAME_USER"],
        any_errors_fatal=settings["ANY_ERRORS_FATAL"],
        no_log=settings["NO_LOG"],
        task_timeout=settings["TASK_TIMEOUT"],
        managed=settings["MANAGED_STR"],
        gathering=settings["GATHERING"] or "implicit",
        strategy=settings["STRATEGY"] or "linear",
        broken_conditionals=settings["ALLOW_BROKEN_CONDITIONALS"],
        missing_handlers=not settings["ERROR_ON_MISSING_HANDLER"],
        debugger=settings["ENABLE_TASK_DEBUGGER"],
        debugger_past_ignored=settings["TASK_DEBUGGER_IGNORE_ERRORS"],
        lock_wait=seconds(request.lock_wait or settings["LOCK_WAIT"]),
        lock_lease=max(1.0, seconds(settings["LOCK_LEASE"])),
        playbook_dir=os.path.abspath(os.path.dirname(playbook) or ".") if playbook else os.getcwd(),
    )


def inventory_sources(request: FleetRequest) -> tuple[str, ...]:
    """Return the inventory's sources: the options', else the environment's."""
    if request.inventory:
        return request.inventory
    return tuple(Settings()["INVENTORY"])


class RolePlaces(TypedDict):
    """Where roles are found and whether their variables stay in them: the same for every reader of plays."""

    roles_path: tuple[str, ...]
    collections_path: tuple[str, ...]
    private_roles: bool | None
    plugins: Plugins


def role_places() -> RolePlaces:
    """Return what the settings say about roles."""
    settings = Settings()
    return RolePlaces(
        roles_path=tuple(settings["ROLES_PATH"]),
        collections_path=tuple(settings["COLLECTIONS_PATH"]),
        private_roles=settings["PRIVATE_ROLE_VARS"],
        plugins=Plugins(
            {kind: settings[f"{kind.upper()}_PLUGINS"] for kind in KINDS}, settings["COLLECTIONS_PATH"]
        ),
    )


def located(playbooks: tuple[str, ...]) -> tuple[str, ...]:
    """Return the files of playbooks, some of which may be named by their collection's name and theirs."""
    found = []
    for name in playbooks:
        where = () if os.path.exists(name) else roots(os.getcwd(), Settings()["COLLECTIONS_PATH"])
        found.append(next(filter(os.path.isfile, collection_playbooks(name, where)), name))
    return tuple(found)


def _words(options: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(word.strip() for option in options for word in option.split(",") if word.strip())


def _connection_vars(request: FleetRequest, settings: Settings) -> Mapping[str, Any]:
    values: dict[str, Any] = {
        "ansible_user": request.user or settings["REMOTE_USER"],
        "ansible_connection": request.connection or _transport(settings),
        "ansible_ssh_private_key_file": request.private_key or settings["PRIVATE_KEY_FILE"],
        "ansible_timeout": request.timeout or settings["TIMEOUT"],
        "ansible_port": settings["REMOTE_PORT"],
        "ansible_host_key_checking": settings["HOST_KEY_CHECKING"],
        "ansible_ssh_args": settings["SSH_ARGS"],
        "ansible_ssh_common_args": request.ssh_common_args or settings["SSH_COMMON_ARGS"],
        "ansible_ssh_extra_args": request.ssh_extra_args or settings["SSH_EXTRA_ARGS"],
        "ansible_python_interpreter": settings["PYTHON_INTERPRETER"],
        "ansible_shell_executable": settings["EXECUTABLE"],
        "ansible_password": _connection_password(request, settings),
        "ansible_become_password": _become_password(request, settings),
    }
    return {name: value for name, value in values.items() if value is not None}


def _transport(settings: Settings) -> str | None:
    """Return the kind of connection; `smart` is the choice that is made anyway."""
    found = settings["TRANSPORT"]
    return None if found == "smart" else found


def _connection_password(request: FleetRequest, settings: Settings) -> Secret | None:
    if request.ask_pass or settings["ASK_PASS"]:
        return _asked("SSH password: ")
    return _from_file(request.connection_password_file or settings["CONNECTION_PASSWORD_FILE"])


def _become_password(request: FleetRequest, settings: Settings) -> Secret | None:
    if request.ask_become_pass or settings["BECOME_ASK_PASS"]:
        return _asked("BECOME password: ")
    named = request.become_password_file or settings["BECOME_PASSWORD_FILE"]
    said = settings["BECOME_PASS"]
    return Secret(said) if said and named is None else _from_file(named)


def _from_file(name: str | None) -> Secret | None:
    """Return the password that a file holds, or that it prints when it is a program."""
    if name is None:
        return None
    path = Path(name).expanduser()
    try:
        if os.access(path, os.X_OK) and path.is_file():
            return Secret(
                subprocess.run([path], stdout=subprocess.PIPE, check=True).stdout.decode().rstrip("\n")
            )
        return Secret(path.read_text(encoding="utf-8").rstrip("\n"))
    except OSError as error:
        text = f"cannot read {name}: {error.strerror}"
        raise InvalidInput(Diagnostic("O8-1705", text)) from None
    except subprocess.CalledProcessError as error:
        text = f"{name} prints no password: it ended with {error.returncode}"
        raise InvalidInput(Diagnostic("O8-1705", text)) from None


def _asked(prompt: str) -> Secret:
    return Secret(getpass(prompt))
