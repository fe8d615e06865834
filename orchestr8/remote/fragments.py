"""One text out of the fragments in a folder, in the order of their names."""

import os
import re
from typing import Any, Iterable, List

from orchestr8.remote.module import Failure

_ESCAPES = re.compile(r"\\(n|t|r|\\|x[0-9a-fA-F]{2})")
_PLAIN = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\"}


def names(folder: str, regexp: Any, *, ignore_hidden: bool) -> List[str]:
    """Return the paths of the fragments in a folder; raise Failure for an expression that is none."""
    try:
        wanted = re.compile(regexp or "")
    except re.error as error:
        raise Failure('Invalid Regexp (%s) in "%s"' % (error, regexp)) from None
    paths = [os.path.join(folder, name) for name in sorted(os.listdir(folder)) if wanted.search(name)]
    hidden = [path for path in paths if ignore_hidden and os.path.basename(path).startswith(".")]
    return [path for path in paths if path not in hidden and os.path.isfile(path)]


def joined(fragments: Iterable[bytes], delimiter: Any) -> bytes:
    """Return fragments as one text, a delimiter and at least a newline between two."""
    between = _delimiter(delimiter)
    whole = b""
    for number, fragment in enumerate(fragments):
        if number:
            whole += b"" if whole.endswith(b"\n") or not whole else b"\n"
            whole += between
        whole += fragment
    return whole


def _delimiter(text: Any) -> bytes:
    """Return what stands between two fragments, ended with a newline; escapes are read."""
    if not text:
        return b""
    found = _ESCAPES.sub(lambda match: _PLAIN.get(match.group(1)) or chr(int(match.group(1)[1:], 16)), text)
    data = found.encode("utf-8", "surrogateescape")
    return data if data.endswith(b"\n") else data + b"\n"
