"""JSON for frames, by the interpreter's own C functions.

The json package imports re and enum, which costs a host as much time as starting python3 does; the C
functions behind it need neither. Where they are missing the package serves.
"""

from typing import Any, Callable, Dict

CONSTANTS = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}


class _Settings:
    strict = False
    object_hook = None
    object_pairs_hook = None
    parse_float = float
    parse_int = int
    parse_constant = CONSTANTS.__getitem__
    memo: Dict[str, str] = {}


def plain(value: Any) -> Any:
    """Return what stands for a value JSON does not know: bytes as text, sets as sorted lists."""
    if isinstance(value, (bytes, bytearray)):
        return bytes(value).decode("utf-8", "surrogateescape")
    if isinstance(value, (set, frozenset)):
        return sorted(value, key=str)
    raise TypeError("%s cannot be sent" % type(value).__name__)


def _pure_dumps() -> Callable[[Any], str]:
    import json

    return json.JSONEncoder(separators=(",", ":"), default=plain, check_circular=False).encode


def _pure_loads() -> Callable[[str], Any]:
    import json

    return json.JSONDecoder(strict=False).decode


def _fast_dumps() -> Callable[[Any], str]:
    from _json import encode_basestring_ascii as quote
    from _json import make_encoder

    sort, skip, odd_floats = False, False, True
    encode = make_encoder(None, plain, quote, None, ":", ",", sort, skip, odd_floats)
    return lambda value: "".join(encode(value, 0))


def _fast_loads() -> Callable[[str], Any]:
    from _json import make_scanner

    scan = make_scanner(_Settings)  # type: ignore[arg-type]

    def loads(string: str) -> Any:
        try:
            value, end = scan(string, 0)
        except StopIteration:
            raise ValueError("no JSON") from None
        if end != len(string):
            raise ValueError("JSON goes on at character %d" % end)
        return value

    return loads


try:
    dumps = _fast_dumps()
    loads = _fast_loads()
    if loads(dumps([1, {"a": None}])) != [1, {"a": None}]:
        raise ImportError
except (ImportError, TypeError, AttributeError, ValueError):
    dumps = _pure_dumps()
    loads = _pure_loads()
