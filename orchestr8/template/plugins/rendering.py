"""What a lookup plugin is given to work with: something that renders, something that reads files."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from orchestr8.core.span import Text
from orchestr8.template.lookup import LookupCall
from orchestr8.template.plain import plain
from orchestr8.template.secrets import reveal


class Rendering:
    """A templar for plugins: it renders what the user wrote, and gives everything else back as it is."""

    def __init__(self, call: LookupCall) -> None:
        self.call = call

    @property
    def available_variables(self) -> Mapping[str, Any]:
        """The variables of the task."""
        run = self.call.run
        return run.templar.variables(run.scope)

    def template(self, value: Any, **_: Any) -> Any:
        """Return a value rendered; texts that come from anywhere but the user's files stay as they are."""
        return reveal(plain(self.call.run.resolve(value))) if isinstance(value, (Text, dict, list)) else value


class Files:
    """Reads files of the controller for plugins."""

    def get_basedir(self) -> str:
        """Return the folder that relative names start in."""
        return os.getcwd()

    def path_dwim(self, name: str) -> str:
        """Return a name as an absolute path."""
        return os.path.abspath(os.path.expanduser(name))
