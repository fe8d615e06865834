"""`ansible.module_utils.common.text.converters`: between text and bytes."""

import json
from typing import Any, Optional

_HANDLERS = dict.fromkeys(
    (None, "surrogate_or_strict", "surrogate_or_replace", "surrogate_then_replace"), "surrogateescape"
)


def _plain(value: Any, nonstring: str) -> Any:
    if nonstring == "strict":
        message = "obj must be a string type"
        raise TypeError(message)
    if nonstring == "passthru":
        return value
    if nonstring == "empty":
        return ""
    return repr(value) if nonstring == "repr" else str(value)


def to_text(
    obj: Any, encoding: str = "utf-8", errors: Optional[str] = None, nonstring: str = "simplerepr"
) -> Any:
    """Return text; bytes are decoded, and of other values `nonstring` says what becomes."""
    if isinstance(obj, str):
        return obj
    if isinstance(obj, bytes):
        return obj.decode(encoding, _HANDLERS.get(errors, errors or "strict"))
    return _plain(obj, nonstring)


def to_bytes(
    obj: Any, encoding: str = "utf-8", errors: Optional[str] = None, nonstring: str = "simplerepr"
) -> Any:
    """Return bytes; text is encoded, and of other values `nonstring` says what becomes."""
    if isinstance(obj, bytes):
        return obj
    value = obj if isinstance(obj, str) else _plain(obj, nonstring)
    return (
        value.encode(encoding, _HANDLERS.get(errors, errors or "strict")) if isinstance(value, str) else value
    )


to_native = to_text


def _stand_in(value: Any) -> Any:
    return list(value) if isinstance(value, (set, frozenset)) else to_text(value)


def jsonify(data: Any, **options: Any) -> str:
    """Return data as JSON."""
    return json.dumps(data, default=_stand_in, **options)


def container_to_text(value: Any, encoding: str = "utf-8", errors: str = "surrogate_or_strict") -> Any:
    """Return a structure with its bytes decoded."""
    if isinstance(value, dict):
        return {container_to_text(k, encoding, errors): container_to_text(v, encoding, errors)
                for k, v in value.items()}  # fmt: skip
    if isinstance(value, (list, tuple)):
        return type(value)(container_to_text(each, encoding, errors) for each in value)
    return to_text(value, encoding, errors) if isinstance(value, bytes) else value


def container_to_bytes(value: Any, encoding: str = "utf-8", errors: str = "surrogate_or_strict") -> Any:
    """Return a structure with its texts encoded."""
    if isinstance(value, dict):
        return {container_to_bytes(k, encoding, errors): container_to_bytes(v, encoding, errors)
                for k, v in value.items()}  # fmt: skip
    if isinstance(value, (list, tuple)):
        return type(value)(container_to_bytes(each, encoding, errors) for each in value)
    return to_bytes(value, encoding, errors) if isinstance(value, str) else value
