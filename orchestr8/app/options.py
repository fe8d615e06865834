"""Turns what was asked for into the engine's options: flags over environment over defaults."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from getpass import getpass
from pathlib import Path
from typing import Any

from orchestr8.app import extra_vars
from orchestr8.app.durations import seconds
from orchestr8.app.request import FleetRequest, RunRequest
from orchestr8.core.errors import Diagnostic, InvalidInput
from orchestr8.core.secret import Secret
from orchestr8.engine.options import RunOptions

FORKS = 50


def run_options(request: FleetRequest, playbook: str | None = None) -> RunOptions:
    """Return the engine's options; asks for passwords where that was wanted."""
    run = request if isinstance(request, RunRequest) else RunRequest()
    return RunOptions(
        forks=request.forks or int(_setting("FORKS") or FORKS),
        check=run.check,
        diff=run.diff,
        verbosity=request.verbose,
        limit=request.limit,
        tags=_words(run.tags),
        skip_tags=_words(run.skip_tags),
        start_at=run.start_at_task,
        force_handlers=run.force_handlers or is_set("FORCE_HANDLERS"),
        extra_vars=extra_vars.read(request.extra_vars),
        connection_vars=_connection_vars(request),
        become=request.become or bool(request.become_user),
        become_user=request.become_user,
        become_method=request.become_method,
        gathering=_setting("GATHERING") or "implicit",
        strategy=_setting("STRATEGY") or "linear",
        broken_conditionals=is_set("ALLOW_BROKEN_CONDITIONALS"),
        missing_handlers=not is_set("ERROR_ON_MISSING_HANDLER", "true"),
        lock_wait=seconds(request.lock_wait or _setting("LOCK_WAIT") or "0"),
        lock_lease=max(1.0, seconds(_setting("LOCK_LEASE") or "60s")),
        playbook_dir=os.path.abspath(os.path.dirname(playbook) or ".") if playbook else os.getcwd(),
    )


def inventory_sources(request: FleetRequest) -> tuple[str, ...]:
    """Return the inventory's sources: the options', else the environment's."""
    if request.inventory:
        return request.inventory
    found = _setting("INVENTORY")
    return tuple(part.strip() for part in found.split(",")) if found else ()


def roles_path() -> tuple[str, ...]:
    """Return the folders named by ANSIBLE_ROLES_PATH."""
    return tuple(part for part in (_setting("ROLES_PATH") or "").split(":") if part)


def _setting(name: str) -> str | None:
    return os.environ.get(f"ORCHESTR8_{name}") or os.environ.get(f"ANSIBLE_{name}")


def is_set(name: str, usual: str = "false") -> bool:
    """Return whether the environment switches a setting on; `usual` is its value when unset."""
    return (_setting(name) or usual).strip().lower() in ("1", "true", "yes", "on", "t", "y")


def _words(options: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(word.strip() for option in options for word in option.split(",") if word.strip())


def _connection_vars(request: FleetRequest) -> Mapping[str, Any]:
    values: dict[str, Any] = {
        "ansible_user": request.user or _setting("REMOTE_USER"),
        "ansible_connection": request.connection,
        "ansible_ssh_private_key_file": request.private_key or _setting("PRIVATE_KEY_FILE"),
        "ansible_timeout": request.timeout,
        "ansible_ssh_common_args": request.ssh_common_args,
        "ansible_ssh_extra_args": request.ssh_extra_args,
        "ansible_password": _connection_password(request),
        "ansible_become_password": _become_password(request),
    }
    return {name: value for name, value in values.items() if value is not None}


def _connection_password(request: FleetRequest) -> Secret | None:
    if request.ask_pass:
        return _asked("SSH password: ")
    return _from_file(request.connection_password_file or _setting("CONNECTION_PASSWORD_FILE"))


def _become_password(request: FleetRequest) -> Secret | None:
    if request.ask_become_pass:
        return _asked("BECOME password: ")
    return _from_file(request.become_password_file or _setting("BECOME_PASSWORD_FILE"))


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
