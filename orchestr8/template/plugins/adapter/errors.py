"""`ansible.errors`: what plugins raise."""

from __future__ import annotations

from typing import Any


class AnsibleError(Exception):
    """An error with a message for the user."""

    def __init__(self, message: str = "", *_: Any, orig_exc: BaseException | None = None, **__: Any) -> None:
        super().__init__(
            f"{message}: {orig_exc}" if orig_exc and str(orig_exc) not in str(message) else message
        )
        self.message = message
        self.orig_exc = orig_exc


class AnsibleRuntimeError(AnsibleError):
    """Something failed during a run."""


class AnsibleOptionsError(AnsibleError):
    """An option is missing or wrong."""


class AnsibleRequiredOptionError(AnsibleOptionsError):
    """An option is missing."""


class AnsibleParserError(AnsibleError):
    """Something cannot be read."""


class AnsibleFileNotFound(AnsibleRuntimeError):
    """A file does not exist."""


class AnsibleTemplateError(AnsibleRuntimeError):
    """A template fails."""


class AnsibleUndefinedVariable(AnsibleTemplateError):
    """A template needs something that does not exist."""


class AnsiblePluginError(AnsibleRuntimeError):
    """A plugin fails."""


class AnsibleLookupError(AnsibleTemplateError):
    """A lookup fails."""


class AnsibleFilterError(AnsibleTemplateError):
    """A filter fails."""


class AnsibleFilterTypeError(AnsibleFilterError, TypeError):
    """A filter is given a value of the wrong type."""


class AnsibleTypeError(AnsibleRuntimeError, TypeError):
    """A value has the wrong type."""


AnsiblePluginRemovedError = AnsiblePluginError
