"""Settings from the environment and `ansible.cfg`, and where each value comes from."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestr8.app.settings_table import HOME, SETTINGS
from orchestr8.core.errors import Diagnostic, InvalidInput

YES, NO = ("1", "true", "yes", "on", "t", "y"), ("0", "false", "no", "off", "f", "n", "")
SEVERITIES = ("error", "warn", "ignore")


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
        self.written = _read(self.file) if self.file else {}

    def __getitem__(self, name: str) -> Any:
        return self.find(name).value

    def find(self, name: str) -> Found:
        """Return a setting's value and origin; raise InvalidInput for a value of the wrong kind."""
        setting = SETTINGS[name]
        for variable in (f"ORCHESTR8_{name}", f"ANSIBLE_{name}", *setting.variables):
            if variable in self._environ:
                value = converted(self._environ[variable], setting.kind, variable, os.getcwd())
                return Found(value, f"env: {variable}")
        for place in setting.places:
            if self.file is not None and place in self.written:
                folder = os.path.dirname(self.file)
                return Found(converted(self.written[place], setting.kind, place[1], folder), self.file)
        return Found(self._default(name), "default")

    def _default(self, name: str) -> Any:
        value = SETTINGS[name].default
        if isinstance(value, str) and value == HOME:
            return os.path.expanduser(HOME)
        if not isinstance(value, list) or not value or not value[0].startswith(HOME):
            return value
        return [self["HOME"] + value[0].removeprefix(HOME), *value[1:]]


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
