"""Privileges of users of MySQL and MariaDB: as playbooks write them and as the server shows them."""

import re
from typing import Any, Dict, FrozenSet, List, Mapping, Tuple

from orchestr8.remote.module import Failure
from orchestr8.remote.mysql_client import Client, account, name

Grants = Dict[str, FrozenSet[str]]
GRANT, ALL = "GRANT", "ALL"
_SHOWN = re.compile(
    r"GRANT (?P<privs>.+) ON (?P<what>.+) TO [`'\"].*@.*?(?P<grant> WITH .*GRANT OPTION.*)?\Z", re.DOTALL
)
_PART = re.compile(r"`((?:[^`]|``)*)`|\"([^\"]*)\"|([^.`\"]+)")
_WORD = re.compile(r"\s*([A-Za-z_ ]+?)\s*(?:\(([^)]*)\))?\s*\Z")
_MOST = frozenset(["SUPER", "SHUTDOWN", "CREATE USER", "DROP ROLE", "RELOAD", "PROCESS", "FILE"])
"""Who has these on everything in MySQL 8, has been given all: it lists them one by one."""
_SAME = {
    "ALL PRIVILEGES": ALL,
    "WITH GRANT OPTION": GRANT,
    "GRANT OPTION": GRANT,
    "BINLOG MONITOR": "REPLICATION CLIENT",
    "REPLICATION REPLICA": "REPLICATION SLAVE",
    "REPLICA MONITOR": "SLAVE MONITOR",
    "REPLICATION REPLICA ADMIN": "REPLICATION SLAVE ADMIN",
    "DELETE VERSIONING ROWS": "DELETE HISTORY",
}
"""Words that mean the same; servers know all of theirs and show one."""


def wished(priv: Any) -> Grants:
    """Return privileges out of `db.table:PRIV,PRIV/…` or a mapping of the same parts; raise Failure."""
    if isinstance(priv, Mapping):
        pairs = [(str(where), str(what)) for where, what in priv.items()]
    else:
        pairs = [_pair(item) for item in str(priv).strip().split("/")]
    found: Grants = {}
    for where, what in pairs:
        key = _target(where)
        found[key] = found.get(key, frozenset()) | _words(what)
    return found


def _pair(item: str) -> Tuple[str, str]:
    where, colon, what = item.strip().rpartition(":")
    if not colon:
        raise Failure("invalid privileges string: `%s` is not of the form db.table:PRIVILEGES" % item)
    return where, what


def _target(where: str) -> str:
    """Return what privileges are on, quoted; a kind of routine may stand before it."""
    words = where.strip()
    kind = re.match(r"(?i)(FUNCTION|PROCEDURE|TABLE)\s+", words)
    parts = _parts(words[kind.end() :] if kind else words)
    if len(parts) == 1:
        parts.append("*")
    quoted = ".".join("*" if part == "*" else name(part) for part in parts)
    return ("%s " % kind.group(1).upper() if kind and kind.group(1).upper() != "TABLE" else "") + quoted


def _parts(words: str) -> List[str]:
    found = []
    for match in _PART.finditer(words):
        quoted = match.group(1)
        found.append(quoted.replace("``", "`") if quoted is not None else match.group(2) or match.group(3))
    return found[:2]


def _words(what: str) -> FrozenSet[str]:
    found = set()
    for word in re.split(r",\s*(?![^()]*\))", what.strip()):
        match = _WORD.match(word)
        if match is None:
            raise Failure("invalid privilege: %s" % word)
        told = " ".join(match.group(1).upper().split())
        told = _SAME.get(told, told)
        written = [column.strip().strip("`") for column in (match.group(2) or "").split(",")]
        columns = ", ".join(sorted(name(column) for column in written if column))
        found.add("%s (%s)" % (told, columns) if columns else told)
    return frozenset(found - {"USAGE"})


def shown(client: Client, user: str, host: str) -> Grants:
    """Return the privileges that a user has."""
    found: Grants = {}
    for row in client.rows("SHOW GRANTS FOR " + account(user, host)):
        line = next(iter(row.values())) or ""
        match = _SHOWN.match(line)
        if match is None or match.group("privs").startswith("PROXY"):
            continue
        words = _words(match.group("privs") + (", GRANT" if match.group("grant") else ""))
        key = _target(match.group("what"))
        if key == "*.*" and words >= _MOST:
            words = frozenset({ALL} | (words & {GRANT}))
        found[key] = found.get(key, frozenset()) | words
    return found


def statements(who: str, now: Grants, want: Grants, way: str) -> List[str]:
    """Return what makes the privileges of a user those that are wished for.

    way: "set" takes others away, "append" only adds, "subtract" takes those that are named.
    """
    found: List[str] = []
    for where in sorted({*now, *want}):
        have, wish = now.get(where, frozenset()), want.get(where, frozenset())
        if way == "subtract":
            found += _revoked(who, where, have & wish)
            continue
        if way == "set":
            gone = have - (wish | have - {GRANT} if ALL in wish else wish)
            found += _revoked(who, where, gone)
            have = have - gone
        if wish - (have | wish - {GRANT} if ALL in have else have):
            found.append(_granted(who, where, wish))
    return found


def _granted(who: str, where: str, words: FrozenSet[str]) -> str:
    plain = sorted(words - {GRANT}) or ["USAGE"]
    grant = " WITH GRANT OPTION" if GRANT in words else ""
    return "GRANT %s ON %s TO %s%s" % (", ".join(plain), where, who, grant)


def _revoked(who: str, where: str, words: FrozenSet[str]) -> List[str]:
    told = ["GRANT OPTION" if word == GRANT else word for word in sorted(words)]
    if not told:
        return []
    if told[0] == ALL and len(told) > 1:
        return ["REVOKE %s ON %s FROM %s" % (word, where, who) for word in told]
    return ["REVOKE %s ON %s FROM %s" % (", ".join(told), where, who)]
