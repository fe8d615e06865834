"""What stands for a value that does not exist, or whose rendering failed, until somebody needs it."""

from __future__ import annotations

import sys
from dataclasses import replace
from functools import partial
from types import FrameType
from typing import Any, Never

from jinja2.exceptions import UndefinedError
from jinja2.runtime import StrictUndefined
from jinja2.utils import missing as absent

from orchestr8.core.errors import HostFailed, O8Error
from orchestr8.core.vaulted import Vaulted

_FRAMES = 6


class MissingUsed(UndefinedError):
    """Something needed a value that does not exist."""

    def __init__(self, missing: Missing, message: str | None = None) -> None:
        super().__init__(message)
        self.missing = missing


class Missing(StrictUndefined):
    """A variable, attribute or item that does not exist; `default` and `is defined` may look at it."""

    __slots__ = ("program", "where")

    def __init__(
        self,
        hint: str | None = None,
        obj: Any = absent,
        name: str | None = None,
        exc: Any = None,  # noqa: ARG002
    ) -> None:
        super().__init__(hint, obj, name)
        self._undefined_exception = partial(MissingUsed, self)  # type: ignore[assignment]
        self.program: Any = None
        self.where = _where(sys._getframe(1))  # noqa: SLF001

    def o8_trip(self) -> Never:
        """Raise, because somebody needs the value."""
        raise MissingUsed(self, self._undefined_message)

    @property
    def o8_subject(self) -> tuple[str | None, Any, str | None]:
        """The hint, the object that lacks it (or `absent`) and the name that is missing."""
        return self._undefined_hint, self._undefined_obj, self._undefined_name

    def __repr__(self) -> str:
        self.o8_trip()


def _where(frame: FrameType | None) -> tuple[Any, int] | None:
    """Return the compiled template that met a missing value, and the line of its code."""
    for _ in range(_FRAMES):
        if frame is None:
            return None
        template = frame.f_globals.get("__jinja_template__")
        if template is not None:
            return template, frame.f_lineno
        frame = frame.f_back
    return None


class Failed(Missing):
    """A value whose rendering failed; the error is raised when somebody looks at it."""

    __slots__ = ("error",)

    def __init__(self, error: O8Error) -> None:
        super().__init__(hint=error.message)
        self.error = error
        self._undefined_exception = lambda *_: error  # type: ignore[assignment]

    def o8_trip(self) -> Never:
        """Raise the error."""
        raise self.error


class Undecryptable(Failed):
    """An encrypted value that no known password opens; `unvault` may still open it with another."""

    __slots__ = ("vaulted",)

    def __init__(self, vaulted: Vaulted, error: O8Error) -> None:
        said = [
            replace(d, message=f"Attempt to use undecryptable variable: {d.message}")
            for d in error.diagnostics
        ]
        super().__init__(HostFailed(*said))
        self.vaulted = vaulted
