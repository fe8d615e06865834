"""Every setting of Ansible that has an equal here: its kind, default and places."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

HOME = "~/.ansible"
"""Begins default folders; ANSIBLE_HOME stands in for it."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting: its kind (text, bool, int, float, list, paths, path …), default and places.

    places: of `ansible.cfg`, pairs of section and key, the first that is written counts. Variables of the
    environment: ORCHESTR8_NAME, ANSIBLE_NAME, then those of `variables`.
    """

    kind: str
    default: Any
    places: tuple[tuple[str, str], ...]
    variables: tuple[str, ...]
    about: str


def _set(kind: str, default: Any, places: str, about: str) -> Setting:
    """Return a setting; `places` has `section.key` and names of further environment variables."""
    words = places.split()
    pairs = [word.partition(".") for word in words if "." in word]
    variables = tuple(word for word in words if "." not in word)
    return Setting(kind, default, tuple((section, key) for section, _, key in pairs), variables, about)


def _flag(place: str, about: str, *, default: bool | None = False) -> Setting:
    return _set("bool", default, place, about)


def _plugins(kind: str) -> Setting:
    """Return the setting of the folders that plugins of a kind are in."""
    places = [f"{HOME}/plugins/{kind}", f"/usr/share/ansible/plugins/{kind}"]
    return _set("paths", places, f"defaults.{kind}_plugins", f"Folders of Python files with {kind}s.")


_PLUGINS = ["host_list", "script", "auto", "yaml", "ini", "toml"]
SETTINGS: dict[str, Setting] = {
    "INVENTORY": _set("sources", [], "defaults.inventory", "Sources of hosts when no -i is given."),
    "HOME": _set("path", HOME, "defaults.home", "Folder of roles, collections and plugins of the user."),
    "ROLES_PATH": _set(
        "paths",
        [f"{HOME}/roles", "/usr/share/ansible/roles", "/etc/ansible/roles"],
        "defaults.roles_path",
        "Folders of roles, after the playbook's.",
    ),
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
        [f"{HOME}/collections", "/usr/share/ansible/collections"],
        "defaults.collections_path defaults.collections_paths ANSIBLE_COLLECTIONS_PATHS",
        "Folders of collections with roles, after the playbook's.",
    ),
    "FILTER_PLUGINS": _plugins("filter"),
    "TEST_PLUGINS": _plugins("test"),
    "LOOKUP_PLUGINS": _plugins("lookup"),
    "LIBRARY": _set(
        "paths",
        [f"{HOME}/plugins/modules", "/usr/share/ansible/plugins/modules"],
        "defaults.library",
        "Folders of your own modules, after the playbook's and the roles'.",
    ),
    "MODULE_UTILS": _set(
        "paths",
        [f"{HOME}/plugins/module_utils", "/usr/share/ansible/plugins/module_utils"],
        "defaults.module_utils",
        "Folders of Python that your own modules share.",
    ),
    "FORKS": _set("int", 50, "defaults.forks", "Hosts worked on at once."),
    "REMOTE_USER": _set("text", None, "defaults.remote_user", "Connect as this user."),
    "PRIVATE_KEY_FILE": _set("path", None, "defaults.private_key_file", "Private key for connections."),
    "REMOTE_PORT": _set("int", None, "defaults.remote_port", "Port for connections."),
    "TIMEOUT": _set(
        "float",
        None,
        "defaults.timeout ssh_connection.timeout ANSIBLE_SSH_TIMEOUT",
        "Bound on connecting, in seconds.",
    ),
    "HOST_KEY_CHECKING": _flag(
        "defaults.host_key_checking ssh_connection.host_key_checking ANSIBLE_SSH_HOST_KEY_CHECKING",
        "Refuse hosts whose keys are not known.",
        default=None,
    ),
    "SSH_ARGS": _set("text", None, "ssh_connection.ssh_args", "OpenSSH options."),
    "SSH_COMMON_ARGS": _set("text", None, "ssh_connection.ssh_common_args", "OpenSSH options."),
    "SSH_EXTRA_ARGS": _set("text", None, "ssh_connection.ssh_extra_args", "More OpenSSH options."),
    "PYTHON_INTERPRETER": _set("text", None, "defaults.interpreter_python", "Python of hosts; auto: found."),
    "EXECUTABLE": _set("text", None, "defaults.executable", "The shell of `shell`, when not /bin/sh."),
    "TRANSPORT": _set("text", None, "defaults.transport", "Kind of connection: ssh or local."),
    "GATHERING": _set("text", "implicit", "defaults.gathering", "When facts are gathered."),
    "STRATEGY": _set("text", "linear", "defaults.strategy", "How hosts go through a play's tasks."),
    "ANY_ERRORS_FATAL": _flag("defaults.any_errors_fatal", "A failure on one host ends the play for all."),
    "NO_LOG": _flag("defaults.no_log", "Hide results, where `no_log` says nothing else."),
    "TASK_TIMEOUT": _set("float", 0.0, "defaults.task_timeout", "Bound on a task, in seconds; 0: none."),
    "MODULE_NAME": _set("text", "command", "defaults.module_name", "Module of `exec` without -m."),
    "MODULE_ARGS": _set("text", "", "defaults.module_args", "Arguments of `exec` without -a."),
    "MANAGED_STR": _set(
        "text",
        "Ansible managed",
        "defaults.ansible_managed",
        "`ansible_managed`; {file}, {host}, {uid} and dates (%Y) are of the template.",
    ),
    "DIFF_CONTEXT": _set("int", 3, "diff.context", "Lines around differences."),
    "ENABLE_TASK_DEBUGGER": _flag("defaults.enable_task_debugger", "Stop at tasks that fail."),
    "TASK_DEBUGGER_IGNORE_ERRORS": _flag(
        "defaults.task_debugger_ignore_errors", "Do not stop at failures that are ignored.", default=True
    ),
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
    "BECOME_USER": _set(
        "text",
        None,
        "privilege_escalation.become_user sudo_become_plugin.user ANSIBLE_SUDO_USER",
        "Act as this user.",
    ),
    "BECOME_METHOD": _set("text", None, "privilege_escalation.become_method", "sudo or su."),
    "BECOME_EXE": _set(
        "text",
        None,
        "privilege_escalation.become_exe sudo_become_plugin.executable ANSIBLE_SUDO_EXE",
        "The program in place of sudo or su.",
    ),
    "BECOME_FLAGS": _set(
        "text",
        None,
        "privilege_escalation.become_flags sudo_become_plugin.flags ANSIBLE_SUDO_FLAGS",
        "Its options.",
    ),
    "BECOME_ALLOW_SAME_USER": _flag(
        "privilege_escalation.become_allow_same_user", "Run sudo also to become who logged in."
    ),
    "BECOME_PASS": _set(
        "text", None, "sudo_become_plugin.password ANSIBLE_SUDO_PASS", "The become password."
    ),
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
    "EDITOR": _set("text", None, "defaults.editor", "What edits encrypted files, before $EDITOR."),
    "DEBUG": _flag("defaults.debug", "Remark on what is done without a task, such as running handlers."),
    "DEPRECATION_WARNINGS": _flag(
        "defaults.deprecation_warnings", "Warn of what works, but not for ever.", default=True
    ),
    "SHOW_CUSTOM_STATS": _flag("defaults.show_custom_stats", "Show what `set_stats` gathered."),
    "STDOUT_CALLBACK": _set(
        "text", "default", "defaults.stdout_callback", "default, yaml, debug, json, minimal or oneline."
    ),
    "CALLBACKS_ENABLED": _set(
        "list",
        [],
        "defaults.callbacks_enabled defaults.callback_whitelist ANSIBLE_CALLBACK_WHITELIST",
        "timer, profile_tasks, profile_roles.",
    ),
    "CALLBACK_RESULT_FORMAT": _set(
        "text", "json", "defaults.callback_result_format defaults.result_format", "Results as json or yaml."
    ),
    "CALLBACK_FORMAT_PRETTY": _flag(
        "defaults.callback_format_pretty defaults.pretty_results", "Spread JSON over lines.", default=None
    ),
    "DISPLAY_SKIPPED_HOSTS": _flag("defaults.display_skipped_hosts", "Show hosts that skip.", default=True),
    "DISPLAY_OK_HOSTS": _flag(
        "defaults.display_ok_hosts", "Show hosts where nothing changed.", default=True
    ),
    "DISPLAY_FAILED_STDERR": _flag("defaults.display_failed_stderr", "Write failures to standard error."),
    "SHOW_TASK_PATH_ON_FAILURE": _flag(
        "defaults.show_task_path_on_failure", "Name the file of a task that failed."
    ),
    "FORCE_COLOR": _flag("defaults.force_color", "Colour what goes to files and pipes too."),
    "NOCOLOR": _flag("defaults.nocolor", "Do not colour."),
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
        "list",
        None,
        "inventory.ignore_extensions defaults.inventory_ignore_extensions",
        "Endings passed over in folders of sources.",
    ),
    "INVENTORY_IGNORE_REGEX": _set(
        "list",
        [],
        "inventory.ignore_patterns defaults.inventory_ignore_patterns",
        "Names passed over in folders of sources.",
    ),
    "TRANSFORM_INVALID_GROUP_CHARS": _set(
        "text", "never", "defaults.force_valid_group_names", "never, ignore, always or silently."
    ),
}  # fmt: skip
"""Every setting of Ansible that has an equal here."""
