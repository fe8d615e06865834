"""`ansible.module_utils.basic`: what modules of users are built on."""

import copy
import datetime  # noqa: ICN001 -- modules take it from here
import errno
import fcntl
import grp
import hashlib
import json
import locale
import os
import platform
import pwd
import re
import select
import shlex
import shutil
import signal
import stat
import subprocess
import sys
import syslog
import tempfile
import time
import traceback
import types
from typing import Any, Dict, List, Optional, Set

from orchestr8.remote.own import checks, hiding
from orchestr8.remote.own.booleans import BOOLEANS, BOOLEANS_FALSE, BOOLEANS_TRUE, boolean
from orchestr8.remote.own.commanding import Commanding, get_bin_path
from orchestr8.remote.own.containers import Mapping, MutableMapping, Sequence, is_iterable
from orchestr8.remote.own.converters import (
    container_to_bytes,
    container_to_text,
    jsonify,
    to_bytes,
    to_native,
    to_text,
)
from orchestr8.remote.own.formatters import bytes_to_human, human_to_bytes, lenient_lowercase
from orchestr8.remote.own.hiding import env_fallback, heuristic_log_sanitize, remove_values, sanitize_keys
from orchestr8.remote.own.mistakes import AnsibleFallbackNotFound, UnsupportedError
from orchestr8.remote.own.placing import FILE_COMMON_ARGUMENTS, Placing, is_executable, private_folder
from orchestr8.remote.own.specs import ModuleArgumentSpecValidator
from orchestr8.remote.own.system import get_distribution, get_distribution_version, get_platform_subclass

AVAILABLE_HASH_ALGORITHMS = {each: getattr(hashlib, each, None) for each in hashlib.algorithms_guaranteed}
SEQUENCETYPE = (list, tuple, frozenset, set)
PASS_VARS: Dict[str, Any] = {}
PASS_BOOLS = ("check_mode", "debug", "diff", "keep_remote_files", "ignore_unknown_opts", "no_log")
_literal_eval = checks.safe_eval
json_dict_unicode_to_bytes, json_dict_bytes_to_unicode = container_to_bytes, container_to_text
_ANSIBLE_ARGS: Optional[bytes] = None
"""The module's arguments as JSON: whoever starts a module puts them here, tests of modules too."""


def _load_params() -> Dict[str, Any]:
    """Return the arguments that the module was started with."""
    given = _ANSIBLE_ARGS if _ANSIBLE_ARGS is not None else sys.stdin.buffer.read()
    try:
        found: Dict[str, Any] = json.loads(to_text(given))["ANSIBLE_MODULE_ARGS"]
    except (ValueError, KeyError, TypeError):
        print(json.dumps({"msg": "Error: Module unable to decode its arguments", "failed": True}))
        sys.exit(1)
    return found


def get_platform() -> str:
    """Return the system's name."""
    return platform.system()


def get_module_path() -> str:
    """Return the folder a module is in."""
    return os.path.dirname(os.path.realpath(sys.argv[0]))


def get_all_subclasses(cls: Any) -> Set[Any]:
    """Return the classes below a class."""
    return set(cls.__subclasses__()).union(s for c in cls.__subclasses__() for s in get_all_subclasses(c))


def load_platform_subclass(cls: Any, *args: Any, **kwargs: Any) -> Any:
    """Return a new object of the subclass for this system."""
    return get_platform_subclass(cls).__new__(cls)


def missing_required_lib(library: str, reason: Optional[str] = None, url: Optional[str] = None) -> str:
    """Return the message for a Python library that the host lacks."""
    text = "Failed to import the required Python library (%s) on %s's Python %s."
    text %= (library, platform.node(), sys.executable)
    text += " This is required %s." % reason if reason else ""
    text += " See %s for more info." % url if url else ""
    return text + (
        " Please read the module documentation and install it in the appropriate location. If the required "
        "library is installed, but Ansible is using the wrong Python interpreter, please consult the "
        "documentation on ansible_python_interpreter"
    )


class AnsibleModule(Placing, Commanding):
    """A module of a user: its checked parameters, how it ends, and what it may use."""

    def __init__(
        self,
        argument_spec: Dict[str, Any],
        bypass_checks: bool = False,
        no_log: bool = False,
        mutually_exclusive: Any = None,
        required_together: Any = None,
        required_one_of: Any = None,
        add_file_common_args: bool = False,
        supports_check_mode: bool = False,
        required_if: Any = None,
        required_by: Any = None,
    ) -> None:
        self._name = os.path.basename(sys.argv[0])
        self.argument_spec = argument_spec
        self.supports_check_mode = supports_check_mode
        self.bypass_checks, self.no_log = bypass_checks, no_log
        self.mutually_exclusive, self.required_together = mutually_exclusive, required_together
        self.required_one_of, self.required_if, self.required_by = required_one_of, required_if, required_by
        self.cleanup_files: List[str] = []
        self.run_command_environ_update: Dict[str, str] = {}
        self._warnings: List[str] = []
        self._deprecations: List[Dict[str, Any]] = []
        self.no_log_values: Set[str] = set()
        self.aliases: Dict[str, str] = {}
        self._legal_inputs: List[str] = []
        self._options_context: List[str] = []
        self._created_tmpdir: Optional[str] = None
        if add_file_common_args:
            for name, each in FILE_COMMON_ARGUMENTS.items():
                argument_spec.setdefault(name, each)
        self.params = _load_params()
        self._take_internals()
        self._validate()
        if self.check_mode and not self.supports_check_mode:
            text = "remote module (%s) does not support check mode" % self._name
            self.exit_json(skipped=True, msg=text)
        os.environ.setdefault("LANG", "C.UTF-8")

    def _take_internals(self) -> None:
        """Take what is no parameter of the module out of what came with them."""
        given = {key[9:]: self.params.pop(key) for key in list(self.params) if key.startswith("_ansible_")}
        self._name = given.get("module_name", self._name)
        self.check_mode = bool(given.get("check_mode"))
        self.no_log = self.no_log or bool(given.get("no_log"))
        self._diff = bool(given.get("diff"))
        self._debug = bool(given.get("debug"))
        self._verbosity = int(given.get("verbosity") or 0)
        self._tmpdir = given.get("tmpdir")
        self._remote_tmp = given.get("remote_tmp")
        self._shell = given.get("shell_executable") or "/bin/sh"
        self._socket_path = given.get("socket")
        self._keep_remote_files = False
        self._selinux_special_fs: List[str] = list(given.get("selinux_special_fs") or ())
        self._syslog_facility = given.get("syslog_facility") or "LOG_USER"
        self._string_conversion_action = ""
        self.ansible_version = self._ansible_version = given.get("version")

    def _validate(self) -> None:
        validator = ModuleArgumentSpecValidator(
            self.argument_spec, self.mutually_exclusive, self.required_together, self.required_one_of,
            self.required_if, self.required_by,
        )  # fmt: skip
        found = validator.validate(self.params)
        self.params = found.validated_parameters
        self.no_log_values |= found._no_log_values
        self.aliases.update(found._aliases)
        for each in found._warnings:
            self.warn("Both option %(option)s and its alias %(alias)s are set." % each)
        self._deprecations += found._deprecations
        self._legal_inputs = [*self.argument_spec, *self.aliases]
        if found.errors.errors and not self.bypass_checks:
            error = found.errors[0]
            said = error.msg
            if isinstance(error, UnsupportedError):
                said = "Unsupported parameters for (%s) module: %s" % (self._name, said)
            self.fail_json(said)
        for name, each in self.argument_spec.items():
            if each.get("no_log") is None and hiding.sounds_secret(name) and _may_hide(each):
                self.warn("Module did not set no_log for %s" % name)

    @property
    def tmpdir(self) -> str:
        """Return a folder of this call's own; it is removed at the end."""
        if self._created_tmpdir is None:
            self._created_tmpdir = private_folder(self._tmpdir or self._remote_tmp)
        return self._created_tmpdir

    def warn(self, warning: str, **_: Any) -> None:
        """Tell a warning."""
        if warning not in self._warnings:
            self._warnings.append(to_text(warning))

    def error_as_warning(self, msg: Optional[str], exception: Any = None, **_: Any) -> None:
        """Tell an exception as a warning."""
        self.warn("%s: %s" % (msg, exception) if msg else str(exception))

    def deprecate(
        self, msg: str, version: Any = None, date: Any = None, collection_name: Any = None, **_: Any
    ) -> None:
        """Tell that something will not work for ever."""
        self._deprecations.append(
            {"msg": msg, "version": version, "date": date, "collection_name": collection_name}
        )

    def debug(self, msg: Any) -> None:
        """Keep nothing."""

    def log(self, msg: Any, log_args: Any = None) -> None:
        """Write to the system's log, without what must not be logged."""
        if not self.no_log:
            text = hiding.remove_values(to_text(msg), self.no_log_values)
            syslog.openlog("ansible-%s" % self._name, 0, syslog.LOG_USER)
            syslog.syslog(syslog.LOG_INFO, text.replace("\0", "?"))

    def boolean(self, arg: Any) -> Optional[bool]:
        """Return a truth value, None for None."""
        if arg is None:
            return None
        try:
            return boolean(arg)
        except TypeError as error:
            return bool(self.fail_json(str(error)))

    def jsonify(self, data: Any) -> str:
        """Return data as JSON."""
        return jsonify(data)

    def from_json(self, data: Any) -> Any:
        """Return what JSON says."""
        return json.loads(data)

    def human_to_bytes(self, number: Any, isbits: bool = False) -> int:
        """Return the bytes of a size."""
        return human_to_bytes(number, isbits=isbits)

    def bytes_to_human(self, size: Any) -> str:
        """Return a size with a unit."""
        return bytes_to_human(size)

    pretty_bytes = bytes_to_human

    def safe_eval(self, value: Any, locals: Any = None, include_exceptions: bool = False) -> Any:
        """Return a Python literal's value."""
        found = checks.safe_eval(value)
        return (found, None) if include_exceptions else found

    def fail_on_missing_params(self, required_params: Optional[Sequence[str]] = None) -> None:
        """End in failure unless these have values."""
        try:
            checks.check_missing_parameters(self.params, required_params)
        except TypeError as error:
            self.fail_json(str(error))

    def add_cleanup_file(self, path: str) -> None:
        """Have a file removed at the end."""
        if path not in self.cleanup_files:
            self.cleanup_files.append(path)

    def do_cleanup_files(self) -> None:
        """Remove files that were made for the while."""
        for path in self.cleanup_files:
            self.cleanup(path)
        if self._created_tmpdir is not None:
            shutil.rmtree(self._created_tmpdir, ignore_errors=True)
            self._created_tmpdir = None

    def _return_formatted(self, kwargs: Dict[str, Any]) -> None:
        self.add_path_info(kwargs)
        kwargs.setdefault("invocation", {"module_args": self.params})
        warnings = kwargs.pop("warnings", None)
        for each in warnings if isinstance(warnings, (list, tuple)) else [warnings] if warnings else ():
            self.warn(str(each))
        if self._warnings:
            kwargs["warnings"] = self._warnings
        deprecations = kwargs.pop("deprecations", None) or []
        for each in deprecations if isinstance(deprecations, list) else [deprecations]:
            self._deprecations.append(each if isinstance(each, dict) else {"msg": str(each)})
        if self._deprecations:
            kwargs["deprecations"] = self._deprecations
        whole = hiding.remove_values(kwargs, self.no_log_values)
        print("\n%s" % jsonify(container_to_text(whole)))

    def exit_json(self, **kwargs: Any) -> Any:
        """End well, with a result."""
        self.do_cleanup_files()
        self._return_formatted(kwargs)
        sys.exit(0)

    def fail_json(self, msg: Any, **kwargs: Any) -> Any:
        """End in failure, with a message and a result."""
        kwargs.update(failed=True, msg=msg)
        kind, error, trace = sys.exc_info()
        shown = self._verbosity >= 3 and kind is not SystemExit
        if error is not None and "exception" not in kwargs and shown:
            kwargs["exception"] = "".join(traceback.format_exception(kind, error, trace))
        elif isinstance(kwargs.get("exception"), BaseException):
            cause = kwargs["exception"]
            kwargs["exception"] = "".join(traceback.format_exception(type(cause), cause, cause.__traceback__))
        self.do_cleanup_files()
        self._return_formatted(kwargs)
        sys.exit(1)


def _may_hide(spec: Dict[str, Any]) -> bool:
    choices = spec.get("choices") or ()
    return (spec.get("type", "str") not in ("bool", "path") and not set(choices) <= BOOLEANS - {None}) or (
        spec.get("type", "str") == "str" and not choices
    )


__all__ = [
    "AVAILABLE_HASH_ALGORITHMS", "BOOLEANS", "BOOLEANS_FALSE", "BOOLEANS_TRUE", "FILE_COMMON_ARGUMENTS",
    "PASS_BOOLS", "PASS_VARS",
    "SEQUENCETYPE", "AnsibleFallbackNotFound", "AnsibleModule", "Mapping", "MutableMapping", "Sequence",
    "boolean", "bytes_to_human", "copy", "datetime", "env_fallback", "errno", "fcntl", "get_all_subclasses",
    "get_bin_path", "get_distribution", "get_distribution_version", "get_module_path", "get_platform",
    "get_platform_subclass", "grp", "hashlib", "heuristic_log_sanitize", "human_to_bytes", "is_executable",
    "is_iterable", "json", "json_dict_bytes_to_unicode", "json_dict_unicode_to_bytes", "jsonify",
    "lenient_lowercase", "load_platform_subclass", "locale", "missing_required_lib", "os", "platform", "pwd",
    "re", "remove_values", "sanitize_keys", "select", "shlex", "shutil", "signal", "stat", "subprocess",
    "sys", "syslog", "tempfile", "time", "to_bytes", "to_native", "to_text", "traceback", "types",
]  # fmt: skip
