"""`ansible.utils.display`: what plugins say to the user."""

from __future__ import annotations

import sys
from typing import Any


class Display:
    """Says warnings on standard error; what is only for people who look for mistakes is not said."""

    verbosity = 0

    def warning(self, msg: str, *_: Any, **__: Any) -> None:
        """Say a warning."""
        sys.stderr.write(f"[WARNING]: {msg}\n")

    def error(self, msg: str, *_: Any, **__: Any) -> None:
        """Say an error."""
        sys.stderr.write(f"[ERROR]: {msg}\n")

    def deprecated(self, msg: str, *_: Any, **__: Any) -> None:
        """Say what will not work for ever."""
        sys.stderr.write(f"[DEPRECATION WARNING]: {msg}\n")

    def display(self, *_: Any, **__: Any) -> None:
        """Say nothing: what a run shows is what its tasks do."""

    debug = verbose = v = vv = vvv = vvvv = vvvvv = display
