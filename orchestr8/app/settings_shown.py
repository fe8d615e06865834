"""What `o8 config` shows: every setting with its value and where it was set."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from orchestr8.app.settings import Settings
from orchestr8.app.settings_table import SETTINGS, Setting
from orchestr8.app.settings_unheeded import differing, passed_over

_RENAMED = {
    "INVENTORY": "DEFAULT_HOST_LIST", "HOME": "ANSIBLE_HOME", "COLLECTIONS_PATH": "COLLECTIONS_PATHS",
    "FILTER_PLUGINS": "DEFAULT_FILTER_PLUGIN_PATH", "TEST_PLUGINS": "DEFAULT_TEST_PLUGIN_PATH",
    "LOOKUP_PLUGINS": "DEFAULT_LOOKUP_PLUGIN_PATH", "LIBRARY": "DEFAULT_MODULE_PATH",
    "MODULE_UTILS": "DEFAULT_MODULE_UTILS_PATH", "PYTHON_INTERPRETER": "INTERPRETER_PYTHON",
    "FORCE_COLOR": "ANSIBLE_FORCE_COLOR", "NOCOLOR": "ANSIBLE_NOCOLOR", "RUN_TAGS": "TAGS_RUN",
    "SKIP_TAGS": "TAGS_SKIP", "INVENTORY_UNPARSED_FAILED": "INVENTORY_UNPARSED_IS_FAILED",
    "INVENTORY_IGNORE": "INVENTORY_IGNORE_EXTS", "INVENTORY_IGNORE_REGEX": "INVENTORY_IGNORE_PATTERNS",
}  # fmt: skip
_PREFIXED = frozenset((
    "ROLES_PATH", "PRIVATE_ROLE_VARS", "FORKS", "REMOTE_USER", "PRIVATE_KEY_FILE", "REMOTE_PORT",
    "TIMEOUT", "EXECUTABLE", "TRANSPORT", "GATHERING", "STRATEGY", "NO_LOG", "MODULE_ARGS",
    "MODULE_NAME", "MANAGED_STR", "FORCE_HANDLERS", "ASK_PASS", "BECOME", "BECOME_USER",
    "BECOME_METHOD", "BECOME_EXE", "BECOME_FLAGS", "BECOME_ASK_PASS", "ASK_VAULT_PASS",
    "VAULT_PASSWORD_FILE", "VAULT_IDENTITY_LIST", "VAULT_IDENTITY", "VAULT_ENCRYPT_IDENTITY",
    "VAULT_ID_MATCH", "LOG_PATH", "DEBUG", "STDOUT_CALLBACK", "VERBOSITY", "HASH_BEHAVIOUR",
))  # fmt: skip


def known_as(name: str) -> str:
    """Return the name that Ansible itself has for a setting."""
    return f"DEFAULT_{name}" if name in _PREFIXED else _RENAMED.get(name, name)


def rows(*, changed: bool, foreign: bool = False) -> list[dict[str, Any]]:
    """Return the settings by name, or only those that are set somewhere; foreign: by Ansible's names."""
    settings = Settings()
    found = {known_as(name) if foreign else name: settings.find(name) for name in SETTINGS}
    shown = [
        {"name": name, "value": each.value, "origin": each.origin}
        for name, each in found.items()
        if not changed or each.origin != "default"
    ]
    if foreign and (settings.file or not changed):
        shown.append({"name": "CONFIG_FILE", "value": settings.file, "origin": ""})
    return sorted(shown, key=lambda row: str(row["name"]))


def as_text(settings: list[dict[str, Any]]) -> str:
    """Return one line a setting."""
    return "".join(f"{each['name']}({each['origin']}) = {each['value']}\n" for each in settings)


def as_json(settings: list[dict[str, Any]]) -> str:
    """Return the settings as JSON."""
    return json.dumps(settings, indent=4) + "\n"


def as_yaml(settings: Any) -> str:
    """Return the settings as YAML."""
    from orchestr8.inventory.written import to_yaml

    return to_yaml(settings)


def listed() -> list[dict[str, Any]]:
    """Return what every setting means and where it can be set."""
    return [
        {
            "name": name,
            "about": each.about,
            "type": each.kind,
            "default": each.default,
            "env": [f"ORCHESTR8_{name}", f"ANSIBLE_{name}", *each.variables],
            "ini": [{"section": section, "key": key} for section, key in each.places],
        }
        for name, each in sorted(SETTINGS.items())
    ]


def view() -> str | None:
    """Return the text of the configuration file that counts, None without one."""
    file = Settings().file
    if file is None:
        return None
    with open(file, encoding="utf-8") as stream:
        return stream.read()


def template(*, disabled: bool) -> str:
    """Return a configuration file with every setting at its default; disabled: as comments."""
    sections: dict[str, list[tuple[str, Setting]]] = {}
    for setting in SETTINGS.values():
        section, key = setting.places[0]
        sections.setdefault(section, []).append((key, setting))
    return "".join(
        f"[{section}]\n"
        + "".join(_written(key, each, disabled=disabled) for key, each in sorted(found, key=_key))
        for section, found in sections.items()
    )


def _key(pair: tuple[str, Setting]) -> str:
    return pair[0]


def _written(key: str, setting: Setting, *, disabled: bool) -> str:
    value = setting.default
    if isinstance(value, list):
        value = (":" if setting.kind == "paths" else ",").join(value)
    sign = ";" if disabled or value in (None, "") else ""
    return f"# ({setting.kind}) {setting.about}\n{sign}{key}={'' if value is None else value}\n\n"


def unheeded() -> Iterator[str]:
    """Yield what is written, or set in the environment, and has no equal here."""
    settings = Settings()
    yield from (f"{each.span or 'environment'}: {each.message}" for each in differing(settings))
    yield from (f"{settings.file}: `{name}` means nothing here" for name in passed_over(settings))
