"""`ansible.module_utils.splitter`: a command line in words."""

import shlex
from typing import List


def split_args(args: str) -> List[str]:
    """Return the words of a line; quotes stay."""
    reader = shlex.shlex(args, posix=False)
    reader.whitespace_split = True
    reader.commenters = ""
    return list(reader)


def is_quoted(data: str) -> bool:
    """Return whether a text stands in quotes."""
    return len(data) > 1 and data[0] == data[-1] and data[0] in "\"'"


def unquote(data: str) -> str:
    """Return a text without the quotes around it."""
    return data[1:-1] if is_quoted(data) else data
