"""Settings of Ansible that are written but have no equal here: told where a run would differ by them."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from orchestr8.app.settings import YES, Settings
from orchestr8.app.settings_table import SETTINGS
from orchestr8.core.errors import Diagnostic
from orchestr8.core.span import Span

CODE = "O8-1714"
_KNOWN = frozenset(place for setting in SETTINGS.values() for place in setting.places)
_JINJA = frozenset(("do", "loopcontrols"))


@dataclass(frozen=True, slots=True)
class _Difference:
    """What is otherwise here, the variable of the environment, and which values change nothing."""

    why: str
    variable: str = ""
    harmless: Callable[[str], bool] = lambda _: False


def _is(*words: str) -> Callable[[str], bool]:
    return lambda value: value.strip().lower() in words


def _only_jinja(value: str) -> bool:
    return {each.strip().rpartition(".")[2] for each in value.split(",")} <= _JINJA


_DIFFERS = {
    "defaults.error_on_undefined_vars": _Difference(
        "what is undefined is always an error", "ANSIBLE_ERROR_ON_UNDEFINED_VARS", _is(*YES)
    ),
    "defaults.precedence": _Difference("the order in which variables count is fixed", "ANSIBLE_PRECEDENCE"),
    "defaults.jinja2_extensions": _Difference(
        "templates know `do` and `loopcontrols` alone", "ANSIBLE_JINJA2_EXTENSIONS", _only_jinja
    ),
    "defaults.invalid_task_attribute_failed": _Difference(
        "unknown keywords are always mistakes", "ANSIBLE_INVALID_TASK_ATTRIBUTE_FAILED", _is(*YES)
    ),
    "defaults.null_representation": _Difference(
        "null is written as Ansible does by default", "ANSIBLE_NULL_REPRESENTATION"
    ),
    "defaults.playbook_vars_root": _Difference(
        "variables beside the first playbook count", "ANSIBLE_PLAYBOOK_VARS_ROOT", _is("top")
    ),
    "defaults.vars_plugins_enabled": _Difference(
        "group_vars and host_vars are read, nothing else",
        "ANSIBLE_VARS_ENABLED",
        _is("host_group_vars", "ansible.builtin.host_group_vars"),
    ),
    "defaults.yaml_valid_extensions": _Difference(
        "files of variables end in .yml, .yaml or .json", "ANSIBLE_YAML_FILENAME_EXT"
    ),
    "defaults.vars_plugins": _Difference("no plugins for variables are loaded", "ANSIBLE_VARS_PLUGINS"),
    "defaults.inventory_plugins": _Difference(
        "no plugins for inventories are loaded; programs are", "ANSIBLE_INVENTORY_PLUGINS"
    ),
    "defaults.connection_plugins": _Difference("connections are ssh and local", "ANSIBLE_CONNECTION_PLUGINS"),
    "defaults.become_plugins": _Difference("become methods are sudo and su", "ANSIBLE_BECOME_PLUGINS"),
    "ssh_connection.ssh_executable": _Difference(
        "no ssh program is run: its options count, a wrapper does not", "ANSIBLE_SSH_EXECUTABLE", _is("ssh")
    ),
    "ssh_connection.pkcs11_provider": _Difference("keys come from files and agents"),
    "paramiko_connection.proxy_command": _Difference("ssh_args take ProxyCommand", "", _is("")),
    "paramiko_connection.host_key_checking": _Difference(
        "[defaults] host_key_checking counts", "ANSIBLE_PARAMIKO_HOST_KEY_CHECKING", _is(*YES)
    ),
    "sudo_become_plugin.chdir": _Difference("`ansible_sudo_chdir` counts"),
}  # fmt: skip
"""By place: settings whose neglect could change what a run does."""


def differing(settings: Settings) -> Iterator[Diagnostic]:
    """Yield a warning for each setting whose neglect could change what a run does."""
    for place, each in _DIFFERS.items():
        section, _, key = place.partition(".")
        written = settings.written.get((section, key))
        if (value := os.environ.get(each.variable) if each.variable else None) is not None:
            name, span = each.variable, None
        elif (value := written) is not None:
            name, span = key, _place(settings.file, section, key)
        if value is not None and not each.harmless(value):
            message = f"the setting `{name}` has no equal here: {each.why}"
            yield Diagnostic(CODE, message, span, severity="warning")


def passed_over(settings: Settings) -> list[str]:
    """Return the names of what is written and means nothing here, without harm."""
    differs = {tuple(place.split(".", 1)) for place in _DIFFERS}
    return sorted(key for section, key in settings.written if (section, key) not in _KNOWN | differs)


def _place(file: str | None, section: str, key: str) -> Span | None:
    if file is None:
        return None
    current = ""
    for number, line in enumerate(Path(file).read_text("utf-8").splitlines(), 1):
        heading = re.match(r"\[(.+)\]", line)
        current = heading[1] if heading else current
        if current == section and re.match(rf"{re.escape(key)}\s*[=:]", line, re.IGNORECASE):
            return Span(file, number, 1, len(key))
    return None
