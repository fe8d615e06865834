"""One account of a MySQL or MariaDB server: how it proves who it is, what it has to have, its limits."""

import re
from typing import Any, Dict, List, Mapping, Optional

from orchestr8.remote.module import Failure
from orchestr8.remote.mysql_client import Client, Refused, value
from orchestr8.remote.mysql_client import account as quoted

_LIMITS = {
    "MAX_QUERIES_PER_HOUR": "max_questions",
    "MAX_UPDATES_PER_HOUR": "max_updates",
    "MAX_CONNECTIONS_PER_HOUR": "max_connections",
    "MAX_USER_CONNECTIONS": "max_user_connections",
}
_SPECIFIED = {"CIPHER": "ssl_cipher", "ISSUER": "x509_issuer", "SUBJECT": "x509_subject"}
_EXPIRY = re.compile(r"PASSWORD EXPIRE( NEVER| DEFAULT| INTERVAL \d+ DAY)?")


class Account:
    """A user from a place. plugin: how they prove who they are. kept: what the server keeps for that."""

    def __init__(self, client: Client, user: str, host: str) -> None:
        self.user, self.host, self.quoted = user, host, quoted(user, host)
        self._client = client
        rows = client.rows("SELECT * FROM mysql.user WHERE User = %s AND Host = %s", user, host)
        self._row: Dict[str, Any] = {key.lower(): each for key, each in rows[0].items()} if rows else {}
        self.exists = bool(rows)
        self.plugin = str(self._row.get("plugin") or "")
        self.kept = str(self._row.get("authentication_string") or self._row.get("password") or "")

    def logs_in(self, password: str) -> bool:
        """Return whether a password opens the account."""
        try:
            self._client.as_user(self.user, password).rows("SELECT 1 AS x")
        except Refused:
            return False
        return True

    def requirements(self, wanted: Optional[Mapping[str, Any]]) -> List[str]:
        """Return what makes connections have what they have to have."""
        if wanted is None:
            return []
        words = {str(key).upper(): each for key, each in wanted.items()}
        specified = {key: each for key, each in words.items() if key in _SPECIFIED}
        if specified:
            same = self._row.get("ssl_type") == "SPECIFIED" and all(
                str(self._row.get(column) or "") == str(specified.get(key, ""))
                for key, column in _SPECIFIED.items()
            )
            told = " AND ".join("%s %s" % (key, value(specified[key])) for key in sorted(specified))
        else:
            kind = "X509" if "X509" in words else "SSL" if "SSL" in words else "NONE"
            shown = str(self._row.get("ssl_type") or "")
            same, told = {"NONE": "", "SSL": "ANY"}.get(kind, kind) == shown, kind
        return [] if same else ["ALTER USER %s REQUIRE %s" % (self.quoted, told)]

    def limits(self, wanted: Optional[Mapping[str, Any]]) -> List[str]:
        """Return what sets limits."""
        if not wanted:
            return []
        told = []
        for key, number in wanted.items():
            column = _LIMITS.get(str(key).upper())
            if column is None:
                raise Failure("%s is no limit; known are %s" % (key, ", ".join(sorted(_LIMITS))))
            if str(self._row.get(column, "0")) != str(int(number)):
                told.append("%s %d" % (str(key).upper(), int(number)))
        return ["ALTER USER %s WITH %s" % (self.quoted, " ".join(told))] if told else []

    def expiry(self, wanted: Optional[str], days: Optional[int]) -> List[str]:
        """Return what ends the password: now, never, as the server has it, or after so many days."""
        if wanted is None:
            return []
        words = {"now": "", "never": " NEVER", "default": " DEFAULT"}
        end = words.get(wanted, " INTERVAL %d DAY" % (days or 0))
        found = _EXPIRY.search(self._created())
        now = (found.group(1) or "") if found else " DEFAULT"
        if not now and wanted != "now":
            now = self._lifetime()
        return [] if now == end else ["ALTER USER %s PASSWORD EXPIRE%s" % (self.quoted, end)]

    def _lifetime(self) -> str:
        """Return how long passwords of an account last whose own is over, which hides that elsewhere."""
        days = self._row.get("password_lifetime")
        if self._client.maria:
            query = "SELECT JSON_VALUE(Priv, '$.password_lifetime') AS days FROM mysql.global_priv"
            rows = self._client.rows(query + " WHERE User = %s AND Host = %s", self.user, self.host)
            days = rows[0]["days"] if rows else None
        if days in (None, "", "-1"):
            return " DEFAULT"
        return " NEVER" if str(days) == "0" else " INTERVAL %s DAY" % days

    def _created(self) -> str:
        """Return the statement that would make the account, as the server tells it."""
        rows = self._client.rows("SHOW CREATE USER " + self.quoted) if self.exists else []
        return " ".join(str(each) for row in rows for each in row.values())

    def lock(self, *, wanted: Optional[bool]) -> List[str]:
        """Return what locks or unlocks the account."""
        if wanted is None:
            return []
        now = "ACCOUNT LOCK" in self._created()
        word = "LOCK" if wanted else "UNLOCK"
        return [] if now == wanted else ["ALTER USER %s ACCOUNT %s" % (self.quoted, word)]
