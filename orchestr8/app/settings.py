"""Settings from the environment and `ansible.cfg`: one table, and where each value comes from."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestr8.core.errors import Diagnostic, InvalidInput

YES, NO = ("1", "true", "yes", "on", "t", "y"), ("0", "false", "no", "off", "f", "n", "")
SEVERITIES = ("error", "warn", "ignore")


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting: its kind (text, bool, int, float, list, paths, path …), default, and place in `ansible.cfg`.

    Environment variables: ORCHESTR8_NAME, then ANSIBLE_NAME.
    """

    kind: str
    default: Any
    section: str
    key: str
    about: str


def _set(kind: str, default: Any, place: str, about: str) -> Setting:
    section, _, key = place.partition(".")
    return Setting(kind, default, section, key, about)


def _flag(place: str, about: str, *, default: bool | None = False) -> Setting:
    return _set("bool", default, place, about)


def _plugins(kind: str) -> Setting:
    """Return the setting of the folders that plugins of a kind are in."""
    places = [os.path.expanduser(f"~/.ansible/plugins/{kind}"), f"/usr/share/ansible/plugins/{kind}"]
    return _set("paths", places, f"defaults.{kind}_plugins", f"Folders of Python files with {kind}s.")


_PLUGINS = ["host_list", "script", "auto", "yaml", "ini", "toml"]
SETTINGS: dict[str, Setting] = {
    "INVENTORY": _set("sources", [], "defaults.inventory", "Sources of hosts when no -i is given."),
    "ROLES_PATH": _set("paths", [], "defaults.roles_path", "Folders of roles, after the playbook's."),
    "PRIVATE_ROLE_VARS": _flag(
        "defaults.private_role_vars", "Variables of roles stay in them; else as `public` says.", default=None
    ),
    "CACHE_PLUGIN": _set("text", "memory", "defaults.fact_caching", "What keeps facts: memory or jsonfile."),
    "CACHE_PLUGIN_CONNECTION": _set(
        "path", None, "defaults.fact_caching_connection", "Folder that facts are kept in between runs."
    ),
    "CACHE_PLUGIN_PREFIX": _set(
        "text", "ansible_facts", "defaults.fact_caching_prefix", "What the names of its files begin with."
    ),
    "CACHE_PLUGIN_TIMEOUT": _set(
        "int", 86400, "defaults.fact_caching_timeout", "Seconds for which kept facts count; 0: for ever."
    ),
    "COLLECTIONS_PATH": _set(
        "paths",
        [os.path.expanduser("~/.ansible/collections"), "/usr/share/ansible/collections"],
        "defaults.collections_path",
        "Folders of collections with roles, after the playbook's.",
    ),
    "FILTER_PLUGINS": _plugins("filter"),
    "TEST_PLUGINS": _plugins("test"),
    "LOOKUP_PLUGINS": _plugins("lookup"),
    "FORKS": _set("int", 50, "defaults.forks", "Hosts worked on at once."),
    "REMOTE_USER": _set("text", None, "defaults.remote_user", "Connect as this user."),
    "PRIVATE_KEY_FILE": _set("path", None, "defaults.private_key_file", "Private key for connections."),
    "TIMEOUT": _set("float", None, "defaults.timeout", "Bound on connecting, in seconds."),
    "TRANSPORT": _set("text", None, "defaults.transport", "Kind of connection: ssh or local."),
    "GATHERING": _set("text", "implicit", "defaults.gathering", "When facts are gathered."),
    "STRATEGY": _set("text", "linear", "defaults.strategy", "How hosts go through a play's tasks."),
    "FORCE_HANDLERS": _flag("defaults.force_handlers", "Run handlers after failures too."),
    "ALLOW_BROKEN_CONDITIONALS": _flag("defaults.allow_broken_conditionals", "Any value is a condition."),
    "ERROR_ON_MISSING_HANDLER": _flag(
        "defaults.error_on_missing_handler", "Fail where a notified handler is missing.", default=True
    ),
    "ASK_PASS": _flag("defaults.ask_pass", "Ask for the connection password."),
    "CONNECTION_PASSWORD_FILE": _set(
        "path", None, "defaults.connection_password_file", "File with the connection password."
    ),
    "BECOME": _flag("privilege_escalation.become", "Act as another user."),
    "BECOME_USER": _set("text", None, "privilege_escalation.become_user", "Act as this user."),
    "BECOME_METHOD": _set("text", None, "privilege_escalation.become_method", "sudo or su."),
    "BECOME_ASK_PASS": _flag("privilege_escalation.become_ask_pass", "Ask for the become password."),
    "BECOME_PASSWORD_FILE": _set(
        "path", None, "defaults.become_password_file", "File with the become password."
    ),
    "ASK_VAULT_PASS": _flag("defaults.ask_vault_pass", "Ask for the vault password."),
    "VAULT_PASSWORD_FILE": _set(
        "path", None, "defaults.vault_password_file", "File or program with the vault password."
    ),
    "VAULT_IDENTITY_LIST": _set("list", [], "defaults.vault_identity_list", "Vault ids that are tried."),
    "VAULT_IDENTITY": _set("text", "default", "defaults.vault_identity", "Label of a password without one."),
    "VAULT_ENCRYPT_IDENTITY": _set(
        "text", None, "defaults.vault_encrypt_identity", "Vault id that encrypts."
    ),
    "VAULT_ID_MATCH": _flag("defaults.vault_id_match", "Try only the vault id that fits."),
    "LOCK_WAIT": _set("text", "0", "locks.wait", "How long to wait for somebody else's lock."),
    "LOCK_LEASE": _set("text", "60s", "locks.lease", "How long a lock outlives its holder."),
    "LOG_PATH": _set("path", None, "defaults.log_path", "File that gets what a run shows, line by line."),
    "LOG_VERBOSITY": _set("int", None, "defaults.log_verbosity", "Verbosity of that file; else the run's."),
    "DUPLICATE_YAML_DICT_KEY": _set(
        "severity", "warn", "defaults.duplicate_dict_key", "A key twice in a mapping: error, warn or ignore."
    ),
    "DEBUG": _flag("defaults.debug", "Remark on what is done without a task, such as running handlers."),
    "DEPRECATION_WARNINGS": _flag(
        "defaults.deprecation_warnings", "Warn of what works, but not for ever.", default=True
    ),
    "SHOW_CUSTOM_STATS": _flag("defaults.show_custom_stats", "Show what `set_stats` gathered."),
    "RUN_TAGS": _set("list", [], "tags.run", "Tags when no -t is given."),
    "SKIP_TAGS": _set("list", [], "tags.skip", "Tags when no --skip-tags is given."),
    "DIFF_ALWAYS": _flag("diff.always", "Show differences of files."),
    "VERBOSITY": _set("int", 0, "defaults.verbosity", "How much to say."),
    "PLAYBOOK_DIR": _set("path", None, "defaults.playbook_dir", "Folder of variables of ad-hoc tasks."),
    "HASH_BEHAVIOUR": _set(
        "text", "replace", "defaults.hash_behaviour", "merge: mappings of one name in several places add up."
    ),
    "INVENTORY_ENABLED": _set("list", _PLUGINS, "inventory.enable_plugins", "Forms of inventories."),
    "INVENTORY_ANY_UNPARSED_IS_FAILED": _flag(
        "inventory.any_unparsed_is_failed", "Refuse when a source cannot be read.", default=None
    ),
    "INVENTORY_UNPARSED_FAILED": _flag("inventory.unparsed_is_failed", "Refuse when no source can be read."),
    "INVENTORY_EXPORT": _flag("inventory.export", "`inventory --export`."),
    "INVENTORY_IGNORE": _set(
        "list", None, "inventory.ignore_extensions", "Endings passed over in folders of sources."
    ),
    "INVENTORY_IGNORE_REGEX": _set(
        "list", [], "inventory.ignore_patterns", "Names passed over in folders of sources."
    ),
    "TRANSFORM_INVALID_GROUP_CHARS": _set(
        "text", "never", "defaults.force_valid_group_names", "never, ignore, always or silently."
    ),
}  # fmt: skip
"""Every setting of Ansible that has an equal here."""


@dataclass(frozen=True, slots=True)
class Found:
    """A setting's value and where it was set: "default", "env: NAME" or the configuration file."""

    value: Any
    origin: str


class Settings:
    """The settings of one process's surroundings; a flag is stronger than any of them."""

    def __init__(self, environ: Mapping[str, str] | None = None, folder: str = ".") -> None:
        self._environ = os.environ if environ is None else environ
        self.file = config_file(self._environ, folder)
        self._written = _read(self.file) if self.file else {}

    def __getitem__(self, name: str) -> Any:
        return self.find(name).value

    def find(self, name: str) -> Found:
        """Return a setting's value and origin; raise InvalidInput for a value of the wrong kind."""
        setting = SETTINGS[name]
        for variable in (f"ORCHESTR8_{name}", f"ANSIBLE_{name}"):
            if variable in self._environ:
                value = converted(self._environ[variable], setting.kind, variable, os.getcwd())
                return Found(value, f"env: {variable}")
        written = self._written.get((setting.section, setting.key))
        if written is None or self.file is None:
            return Found(setting.default, "default")
        return Found(converted(written, setting.kind, setting.key, os.path.dirname(self.file)), self.file)


def config_file(environ: Mapping[str, str], folder: str) -> str | None:
    """Return the `ansible.cfg` that counts: ANSIBLE_CONFIG's, the folder's, the user's, the machine's.

    One in a folder that everybody may write to is passed over: anybody could have put it there.
    """
    named = environ.get("ANSIBLE_CONFIG")
    if named:
        path = os.path.abspath(os.path.expanduser(named))
        path = os.path.join(path, "ansible.cfg") if os.path.isdir(path) else path
        return path if os.path.exists(path) else None
    here = os.path.abspath(os.path.join(folder, "ansible.cfg"))
    if os.path.exists(here):
        if not os.stat(os.path.dirname(here)).st_mode & stat.S_IWOTH:
            return here
        sys.stderr.write(f"[WARNING]: {here} is passed over: everybody may write to its folder\n")
    places = (os.path.expanduser("~/.ansible.cfg"), "/etc/ansible/ansible.cfg")
    return next((path for path in places if os.path.exists(path)), None)


def _read(path: str) -> dict[tuple[str, str], str]:
    import configparser

    parser = configparser.ConfigParser(inline_comment_prefixes=(";",), interpolation=None, strict=False)
    try:
        parser.read_string(Path(path).read_text("utf-8"), path)
    except (configparser.Error, OSError, UnicodeDecodeError) as failure:
        message = f"the configuration `{path}` cannot be read: {failure}"
        raise InvalidInput(Diagnostic("O8-1711", message)) from None
    return {(name, key): value for name in parser.sections() for key, value in parser.items(name)}


def converted(text: str, kind: str, name: str, folder: str) -> Any:
    """Return a value of a kind; relative paths start in `folder`. Raise InvalidInput."""
    try:
        if kind in ("int", "float"):
            return int(text) if kind == "int" else float(text)
    except ValueError:
        raise InvalidInput(Diagnostic("O8-1712", f"{name} has to be a number, not `{text}`")) from None
    if kind == "bool":
        return _truth(text, name)
    if kind == "severity" and text not in SEVERITIES:
        message = f"{name} has to be {', '.join(SEVERITIES[:-1])} or {SEVERITIES[-1]}, not `{text}`"
        raise InvalidInput(Diagnostic("O8-1712", message))
    if kind in ("list", "paths", "sources"):
        sign = ":" if kind == "paths" else ","
        items = [item.strip() for item in text.split(sign) if item.strip()]
        return [_path(item, folder) for item in items] if kind == "paths" else _sources(items, kind, folder)
    return _path(text, folder) if kind == "path" and text else text or None


def _sources(items: list[str], kind: str, folder: str) -> list[str]:
    beside = [os.path.join(folder, os.path.expanduser(item)) for item in items]
    return (
        [path if os.path.exists(path) else item for item, path in zip(items, beside, strict=True)]
        if (kind == "sources" and folder != os.getcwd())
        else items
    )


def _truth(text: str, name: str) -> bool:
    word = text.strip().lower()
    if word not in (*YES, *NO):
        raise InvalidInput(Diagnostic("O8-1712", f"{name} has to be true or false, not `{text}`"))
    return word in YES


def _path(text: str, folder: str) -> str:
    return os.path.join(folder, os.path.expanduser(os.path.expandvars(text)))
