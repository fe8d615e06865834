"""Makes endpoints out of Ansible's connection variables."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from orchestr8.core.secret import Secret
from orchestr8.engine.ports import Endpoint
from orchestr8.transport.failures import bad_endpoint

KINDS = {"ssh": "ssh", "smart": "ssh", "paramiko": "ssh", "paramiko_ssh": "ssh", "local": "local"}
NO = ("no", "false", "0", "off", "n", "f")
ARGUMENTS = ("ansible_ssh_args", "ansible_ssh_common_args", "ansible_ssh_extra_args")
FLAGS = "46ACGKNTXYafgknqtvxy"
OPTIONS = {"J": "ProxyJump", "F": "ConfigFile", "i": "IdentityFile", "p": "Port", "l": "User", "c": "Ciphers"}


def endpoint(name: str, variables: Mapping[str, Any]) -> Endpoint:
    """Return how to reach a host; values are rendered ones, passwords may be plain or `Secret`.

    Raises InvalidInput for values that cannot be meant.
    """
    first = _First(variables)
    kind = str(first("ansible_connection") or "ssh").rpartition(".")[2]
    if kind not in KINDS:
        raise bad_endpoint(
            f"{name}: connection `{kind}` is not known", f"known are {', '.join(sorted(KINDS))}"
        )
    password = first("ansible_ssh_password", "ansible_ssh_pass", "ansible_password")
    timeout = first("ansible_ssh_timeout", "ansible_timeout")
    return Endpoint(
        name=name,
        address=str(first("ansible_ssh_host", "ansible_host") or name),
        port=_number(name, "port", first("ansible_ssh_port", "ansible_port"), int),
        user=_text(first("ansible_ssh_user", "ansible_user")),
        password=password if isinstance(password, Secret) or password is None else Secret(str(password)),
        key_file=_text(first("ansible_ssh_private_key_file", "ansible_private_key_file")),
        kind=KINDS[kind],
        python=_python(first("ansible_python_interpreter")),
        connect_timeout=_number(name, "timeout", timeout, float) or 10.0,
        options=_options(name, first),
    )


class _First:
    """Looks names up in order and returns the first that is set."""

    def __init__(self, variables: Mapping[str, Any]) -> None:
        self._variables = variables

    def __call__(self, *names: str) -> Any:
        for name in names:
            value = self._variables.get(name)
            if value is not None and value != "":
                return value
        return None


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _python(value: Any) -> str | None:
    return None if value is None or str(value).startswith("auto") else str(value)


def _number(name: str, what: str, value: Any, kind: Callable[[str], Any]) -> Any:
    if value is None:
        return None
    try:
        return kind(str(value))
    except ValueError:
        raise bad_endpoint(f"{name}: {value!r} is no {what}") from None


def _options(name: str, first: _First) -> dict[str, str]:
    options: dict[str, str] = {}
    for variable in ARGUMENTS:
        value = first(variable)
        if value is not None:
            options.update(arguments(name, str(value)))
    proxy = first("ansible_ssh_proxy_command", "ansible_paramiko_proxy_command")
    if proxy is not None:
        options["ProxyCommand"] = str(proxy)
    checking = first("ansible_ssh_host_key_checking", "ansible_host_key_checking")
    if checking is not None and str(checking).lower() in NO:
        options["StrictHostKeyChecking"] = "no"
    return options


def arguments(name: str, line: str) -> dict[str, str]:
    """Return the options that a line of `ssh` arguments sets; the first of two settings holds."""
    try:
        return dict(_arguments(line))
    except _Unread as error:
        raise bad_endpoint(f"{name}: {error.why}", error.hint) from None


class _Unread(Exception):
    def __init__(self, why: str, hint: str | None = None) -> None:
        super().__init__(why)
        self.why = why
        self.hint = hint


@lru_cache
def _arguments(line: str) -> dict[str, str]:
    """Parse a line once: most often it is the same for all hosts and tasks."""
    try:
        words = shlex.split(line)
    except ValueError as error:
        raise _Unread(f"ssh arguments {line!r}: {error}") from None
    options: dict[str, str] = {}
    while words:
        word = words.pop(0)
        letter, rest = word[1:2], word[2:]
        if not word.startswith("-") or not letter:
            raise _Unread(f"ssh argument {word!r} is not understood")
        if letter in FLAGS and letter not in OPTIONS:
            continue
        if letter not in OPTIONS and letter != "o":
            raise _Unread(f"ssh argument {word!r} is not understood", "-o, -J, -F, -i, -p and -l are")
        value = rest or (words.pop(0) if words else "")
        key, value = (OPTIONS[letter], value) if letter != "o" else _pair(value)
        options.setdefault(key, value)
    return options


def _pair(text: str) -> tuple[str, str]:
    key, separator, value = text.partition("=")
    if not separator or " " in key.strip():
        key, _, value = text.strip().partition(" ")
    if not key.strip() or not value.strip():
        raise _Unread(f"ssh option {text!r} is not of the form Name=value")
    return key.strip(), value.strip()
