"""`ansible.module_utils.database`: names in SQL."""

from typing import Any, List


class SQLParseError(Exception):
    """A name cannot be read."""


class UnclosedQuoteError(SQLParseError):
    """A name's quote is not closed."""


_POSTGRES = {"database": 1, "schema": 2, "table": 3, "column": 4, "role": 1, "tablespace": 1, "sequence": 3,
             "publication": 1}  # fmt: skip
_MYSQL = {"database": 1, "table": 2, "column": 3, "role": 1, "vars": 1}


def pg_quote_identifier(identifier: str, id_type: str) -> str:
    """Return a name of PostgreSQL in quotes, part by part; raise SQLParseError."""
    return _quoted(identifier, id_type, '"', "PostgreSQL", _POSTGRES)


def mysql_quote_identifier(identifier: str, id_type: str) -> str:
    """Return a name of MySQL in quotes, part by part; raise SQLParseError."""
    return _quoted(identifier, id_type, "`", "MySQL", _MYSQL)


def _quoted(identifier: str, kind: str, quote: str, database: str, depths: Any) -> str:
    parts = _parts(identifier, quote)
    if len(parts) > depths[kind]:
        text = "%s does not support %s with more than %d dots"
        raise SQLParseError(text % (database, kind, depths[kind] - 1))
    return ".".join("*" if part == "*" else quote + part.replace(quote, 2 * quote) + quote for part in parts)


def _parts(identifier: str, quote: str) -> List[str]:
    if not identifier:
        raise SQLParseError("Identifier name unspecified or unquoted trailing dot")
    parts: List[str] = []
    rest = identifier
    while True:
        if rest.startswith(quote):
            end = _closing(rest, quote)
            parts.append(rest[1:end].replace(2 * quote, quote))
            rest = rest[end + 1 :]
            if rest and not rest.startswith("."):
                raise SQLParseError("User escaped identifiers must escape extra quotes")
            found, rest = rest[:1], rest[1:]
        else:
            part, found, rest = rest.partition(".")
            parts.append(part)
        if not found:
            return parts
        if not rest:
            raise SQLParseError("Identifier name unspecified or unquoted trailing dot")


def _closing(text: str, quote: str) -> int:
    at = 1
    while True:
        at = text.find(quote, at)
        if at < 0:
            raise UnclosedQuoteError("Unclosed quote")
        if text[at : at + 2] != 2 * quote:
            return at
        at += 2


def is_input_dangerous(string: Any) -> bool:
    """Return whether a text looks like an attempt to slip in SQL."""
    import re

    lowered = str(string or "").lower()
    signs = (r"[\"'`]?\s*or\s*[\"'`]?\s*\d+\s*=\s*\d+", r"(union|intersect|except)\s+", r"--", r"/\*")
    return any(re.search(sign, lowered) for sign in signs)


def check_input(module: Any, *args: Any) -> None:
    """End the module in failure when an argument is dangerous."""
    texts = [each for arg in args for each in (arg if isinstance(arg, (list, tuple)) else [arg])]
    dangerous = [text for text in texts if isinstance(text, str) and is_input_dangerous(text)]
    if dangerous:
        module.fail_json(msg="Passed input '%s' is potentially dangerous" % dangerous[0])
