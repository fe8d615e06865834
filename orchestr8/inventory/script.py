"""Inventories that a program prints as JSON: `--list`, and `--host NAME` where `_meta` is missing."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping as Map
from pathlib import Path
from typing import Any

from orchestr8.core.span import Span, Text
from orchestr8.inventory.builder import SCRIPT, Builder
from orchestr8.inventory.model import Group, Host

_TIMEOUT = 120.0


class ScriptReader:
    """Runs one inventory program and reads what it prints into a builder.

    The program is part of the project, as a YAML file is: texts in its variables may be templates.
    """

    def __init__(self, builder: Builder, file: str, timeout: float = _TIMEOUT) -> None:
        self._builder = builder
        self._file = file
        self._span = Span(file, 1)
        self._timeout = timeout
        self._found: dict[str, Host] = {}

    def read(self) -> None:
        """Run the program and read its list."""
        listed = self._output("--list")
        if listed is None:
            return
        if not isinstance(listed, dict):
            self._wrong("the program did not print a JSON object")
            return
        meta = listed.pop("_meta", None)
        hostvars = meta.get("hostvars") if isinstance(meta, dict) else None
        for name, content in listed.items():
            self._group(str(name), content)
        self._variables(hostvars)

    def _output(self, *arguments: str) -> Any:
        path = str(Path(self._file).absolute())
        try:
            done = subprocess.run([path, *arguments], capture_output=True, timeout=self._timeout, check=False)
        except subprocess.TimeoutExpired:
            return self._wrong(f"the program did not end within {self._timeout:g} s")
        except OSError as failure:
            return self._wrong(f"the program cannot be run: {failure.strerror}")
        if done.returncode != 0:
            shown = done.stderr.decode("utf-8", "replace").strip()[-500:]
            return self._wrong(f"the program ended with status {done.returncode}: {shown}")
        try:
            return json.loads(done.stdout or b"{}")
        except (ValueError, RecursionError) as failure:
            return self._wrong(f"what the program printed is no JSON: {failure}")

    def _wrong(self, message: str) -> None:
        self._builder.error(SCRIPT, message, self._span)

    def _group(self, name: str, content: Any) -> None:
        group = self._builder.group(name, self._span)
        if group is None:
            return
        if not isinstance(content, dict):
            content = {"hosts": content}
        if not content.keys() & {"hosts", "vars", "children"}:
            self._alone(group, content)
            return
        self._members(group, content)

    def _alone(self, group: Group, variables: dict[str, Any]) -> None:
        """Read a group in the oldest form, which is one host with variables that are no templates."""
        for host in self._builder.hosts_of(group.name, self._span):
            self._builder.join(group, host)
        self._builder.set_vars(group, {str(name): value for name, value in variables.items()})

    def _members(self, group: Group, content: dict[str, Any]) -> None:
        for name in self._list(group, content.get("hosts", [])):
            for host in self._builder.hosts_of(str(name), self._span):
                self._builder.join(group, host)
                self._found.setdefault(host.name, host)
        for name in self._list(group, content.get("children") or []):
            child = self._builder.group(str(name), self._span)
            if child is not None:
                self._builder.nest(group, child, self._span)
        self._set(group, content.get("vars") or {})

    def _list(self, group: Group, names: Any) -> list[Any]:
        if isinstance(names, list):
            return names
        self._wrong(f"what the group `{group.name}` has is a {type(names).__name__}, not a list")
        return []

    def _variables(self, hostvars: Any) -> None:
        for host in list(self._found.values()):
            if hostvars is None:
                self._set(host, self._output("--host", host.name) or {})
            elif isinstance(hostvars, dict) and host.name in hostvars:
                self._set(host, hostvars[host.name] or {})

    def _set(self, owner: Group | Host, values: Any) -> None:
        if not isinstance(values, Map):
            self._wrong(f"the variables of `{owner.name}` are no object")
            return
        self._builder.set_vars(owner, {str(key): trusted(value, self._span) for key, value in values.items()})


def trusted(value: Any, span: Span) -> Any:
    """Return a value whose texts may be templates."""
    if isinstance(value, str):
        return Text(value, span)
    if isinstance(value, list):
        return [trusted(each, span) for each in value]
    if isinstance(value, dict):
        if value.keys() == {"__ansible_unsafe"}:
            return str(value["__ansible_unsafe"])
        return {key: trusted(each, span) for key, each in value.items()}
    return value
