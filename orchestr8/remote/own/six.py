"""`ansible.module_utils.six`: names of old modules and plugins for what Python has itself."""

import builtins
import functools
import io
import operator
import sys
import types
from typing import Any, Iterator, Mapping

__version__ = "1.17.0"
PY2, PY3, PY34 = False, True, True
string_types = (str,)
integer_types = (int,)
class_types = (type,)
text_type = str
binary_type = bytes
MAXSIZE = sys.maxsize
StringIO = io.StringIO
BytesIO = io.BytesIO
next = builtins.next
advance_iterator = builtins.next
get_function_code = operator.attrgetter("__code__")
get_function_globals = operator.attrgetter("__globals__")
get_method_function = operator.attrgetter("__func__")
get_method_self = operator.attrgetter("__self__")
unichr = chr
int2byte = operator.methodcaller("to_bytes", 1, "big")
byte2int = operator.itemgetter(0)
indexbytes = operator.getitem
iterbytes = iter
wraps = functools.wraps
print_ = print
create_bound_method = types.MethodType


def b(text: str) -> bytes:
    """Return the bytes of a text of Latin 1."""
    return text.encode("latin-1")


def u(text: str) -> str:
    """Return the text itself."""
    return text


def iteritems(mapping: Mapping[Any, Any], **_: Any) -> Iterator[Any]:
    """Return the entries of a mapping."""
    return iter(mapping.items())


def itervalues(mapping: Mapping[Any, Any], **_: Any) -> Iterator[Any]:
    """Return the values of a mapping."""
    return iter(mapping.values())


def iterkeys(mapping: Mapping[Any, Any], **_: Any) -> Iterator[Any]:
    """Return the keys of a mapping."""
    return iter(mapping)


viewitems, viewkeys, viewvalues = dict.items, dict.keys, dict.values


def callable(obj: Any) -> bool:
    """Return whether something can be called."""
    return builtins.callable(obj)


def ensure_text(value: Any, encoding: str = "utf-8", errors: str = "strict") -> str:
    """Return text, also of bytes."""
    return value.decode(encoding, errors) if isinstance(value, bytes) else str(value)


ensure_str = ensure_text


def ensure_binary(value: Any, encoding: str = "utf-8", errors: str = "strict") -> bytes:
    """Return bytes, also of text."""
    return value.encode(encoding, errors) if isinstance(value, str) else bytes(value)


def reraise(kind: Any, value: Any, trace: Any = None) -> None:
    """Raise an exception again."""
    raise (kind() if value is None else value).with_traceback(trace)


def raise_from(value: BaseException, cause: Any) -> None:
    """Raise an exception that has a cause."""
    raise value from cause


def with_metaclass(meta: Any, *bases: Any) -> Any:
    """Return a base class of a metaclass."""
    return types.new_class("temporary_class", bases, {"metaclass": meta})


def add_metaclass(meta: Any) -> Any:
    """Return a decorator that gives a class its metaclass."""

    def wrapper(cls: Any) -> Any:
        body = {name: each for name, each in vars(cls).items() if name not in ("__dict__", "__weakref__")}
        return meta(cls.__name__, cls.__bases__, body)

    return wrapper


def python_2_unicode_compatible(cls: Any) -> Any:
    """Return the class itself."""
    return cls
