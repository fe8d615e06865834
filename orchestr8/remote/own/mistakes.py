"""`ansible.module_utils.errors`: mistakes in parameters."""

from typing import Any, List, Optional


class AnsibleFallbackNotFound(Exception):
    """Nothing stands in for a parameter that was not given."""


class AnsibleValidationError(Exception):
    """A parameter is not as its specification says."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.error_message = message

    @property
    def msg(self) -> str:
        """Return the message."""
        return str(self.args[0])


class AnsibleValidationErrorMultiple(AnsibleValidationError):
    """Several mistakes."""

    def __init__(self, errors: Optional[List[Any]] = None) -> None:
        self.errors: List[Any] = list(errors or ())

    def __getitem__(self, key: int) -> Any:
        return self.errors[key]

    def append(self, error: Any) -> None:
        """Add one."""
        self.errors.append(error)

    def extend(self, errors: Any) -> None:
        """Add several."""
        self.errors.extend(errors)

    @property
    def msg(self) -> str:
        """Return the first message."""
        return str(self.errors[0].args[0])

    @property
    def messages(self) -> List[str]:
        """Return all messages."""
        return [each.msg for each in self.errors]


class AliasError(AnsibleValidationError):
    """Aliases are no list."""


class ArgumentTypeError(AnsibleValidationError):
    """A value cannot be converted."""


class ArgumentValueError(AnsibleValidationError):
    """A value is none of those that can be chosen."""


class DeprecationError(AnsibleValidationError):
    """A deprecation is not as it should be."""


class ElementError(AnsibleValidationError):
    """An item of a list cannot be converted."""


class MutuallyExclusiveError(AnsibleValidationError):
    """Parameters exclude each other."""


class NoLogError(AnsibleValidationError):
    """Values that must not be logged cannot be told."""


class RequiredByError(AnsibleValidationError):
    """A parameter lacks those it needs."""


class RequiredDefaultError(AnsibleValidationError):
    """A required parameter has a default."""


class RequiredError(AnsibleValidationError):
    """A required parameter is missing."""


class RequiredIfError(AnsibleValidationError):
    """A value lacks the parameters it needs."""


class RequiredOneOfError(AnsibleValidationError):
    """None of several parameters is given."""


class RequiredTogetherError(AnsibleValidationError):
    """Only some of several parameters are given."""


class SubParameterTypeError(AnsibleValidationError):
    """A value that has options is no mapping."""


class UnsupportedError(AnsibleValidationError):
    """There is no such parameter."""
