"""`ansible.plugins.lookup`: what lookup plugins are made from."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from itertools import product
from typing import Any

from orchestr8.template.plugins.adapter.display import Display
from orchestr8.template.plugins.adapter.errors import AnsibleError


class LookupBase:
    """A lookup: `run` gets terms and variables and returns a list."""

    _display = Display()

    def __init__(self, loader: Any = None, templar: Any = None, **_: Any) -> None:
        self._loader = loader
        self._templar = templar
        self._options: dict[str, Any] = {}

    def run(self, terms: Any, variables: Any = None, **kwargs: Any) -> list[Any]:
        """Return what is found for terms."""
        raise NotImplementedError

    def set_options(
        self, task_keys: Any = None, var_options: Mapping[str, Any] | None = None, direct: Any = None
    ) -> None:
        """Take the options of a call, then those that variables and the environment set, then defaults."""
        documented = _documented(sys.modules.get(type(self).__module__))
        self._options = {name: _configured(spec, var_options or {}) for name, spec in documented.items()}
        self._options |= direct or {}

    def get_option(self, option: str, hostvars: Any = None) -> Any:
        """Return an option's value."""
        if option not in self._options:
            raise KeyError(option)
        return self._options[option]

    def get_options(self, hostvars: Any = None) -> dict[str, Any]:
        """Return all options."""
        return dict(self._options)

    def set_option(self, option: str, value: Any) -> None:
        """Set an option."""
        self._options[option] = value

    def find_file_in_search_path(
        self,
        myvars: Any,
        subdir: str,
        needle: str,
        ignore_missing: bool = False,
    ) -> str | None:
        """Return the path of a file beside the task, in its role or beside the playbook."""
        found = self._templar.call.find(needle, subdir)
        if found is None and not ignore_missing:
            message = f"Unable to find '{needle}' in expected paths."
            raise AnsibleError(message)
        return os.path.abspath(found) if found else None

    @staticmethod
    def _flatten(terms: Iterable[Any]) -> list[Any]:
        return [one for term in terms for one in (term if isinstance(term, (list, tuple)) else [term])]

    @staticmethod
    def _combine(a: Iterable[Any], b: Iterable[Any]) -> list[list[Any]]:
        return [LookupBase._flatten(pair) for pair in product(a, b)]


def _documented(module: Any) -> Mapping[str, Mapping[str, Any]]:
    """Return the options that a plugin's documentation describes."""
    text = getattr(module, "DOCUMENTATION", None)
    if not text:
        return {}
    import yaml

    found = yaml.safe_load(text)
    return (found.get("options") or {}) if isinstance(found, dict) else {}


def _configured(spec: Mapping[str, Any], variables: Mapping[str, Any]) -> Any:
    for each in spec.get("vars") or ():
        if each["name"] in variables:
            return variables[each["name"]]
    for each in spec.get("env") or ():
        if each["name"] in os.environ:
            return os.environ[each["name"]]
    return spec.get("default")
