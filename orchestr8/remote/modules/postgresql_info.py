"""postgresql_info: what a server of PostgreSQL is and has."""

from typing import Any, Dict, List

from orchestr8.remote.module import Arg, Call, Failure, Module
from orchestr8.remote.postgres_client import LOGIN, Client
from orchestr8.remote.sql_values import typed

_DATABASES = """
SELECT datname AS name, pg_get_userbyid(datdba) AS owner, pg_encoding_to_char(encoding) AS encoding,
       datcollate AS collate, datctype AS ctype, datacl::text AS access_priv,
       CASE WHEN has_database_privilege(datname, 'CONNECT') THEN pg_database_size(oid) END AS size
FROM pg_database WHERE datallowconn"""
_SETTINGS = """
SELECT name, setting, unit, context, vartype, boot_val, min_val, max_val, sourcefile, pending_restart
FROM pg_settings"""
_ROLES = """
SELECT rolname AS name, rolsuper AS superuser, rolcanlogin AS canlogin, rolvaliduntil AS valid_until
FROM pg_roles"""
_QUERIES = {
    "databases": ("name", _DATABASES),
    "roles": ("name", _ROLES),
    "settings": ("name", _SETTINGS),
    "tablespaces": (
        "name",
        "SELECT spcname AS name, pg_get_userbyid(spcowner) AS spcowner FROM pg_tablespace",
    ),
    "replications": ("pid", "SELECT pid, usename, client_addr, state FROM pg_stat_replication"),
    "repl_slots": ("slot_name", "SELECT slot_name, plugin, slot_type, active FROM pg_replication_slots"),
}

_FLAGS = ("superuser", "canlogin", "pending_restart", "active")


class PostgresqlInfo(Module):
    """Tells version, databases, roles, settings and replication of a server of PostgreSQL."""

    name = "postgresql_info"
    args = dict(
        LOGIN,
        filter=Arg("list", "What to tell; with ! before it, what to leave out.", elements="str"),
        login_db=Arg("str", "The database.", default="postgres", aliases=["db"]),
    )

    def run(self, call: Call) -> Dict[str, Any]:
        """Ask for what is wanted."""
        client = Client(call, call["login_db"])
        found: Dict[str, Any] = {"changed": False}
        for part in _wanted(call["filter"]):
            found[part] = _version(client) if part == "version" else _part(client, part)
        return found


def _wanted(chosen: Any) -> List[str]:
    known = ["version", *_QUERIES]
    words = [word.strip() for word in chosen or ()]
    unknown = [word for word in words if word.lstrip("!") not in known]
    if unknown:
        raise Failure("filter: %s is unknown; known are %s" % (unknown[0], ", ".join(known)))
    named = [word for word in words if not word.startswith("!")]
    return named or [part for part in known if "!" + part not in words]


def _part(client: Client, part: str) -> Dict[str, Any]:
    key, query = _QUERIES[part]
    rows = [_told(typed(row)) for row in client.rows(query)]
    return {str(row[key]): {name: each for name, each in row.items() if name != key} for row in rows}


def _told(row: Dict[str, Any]) -> Dict[str, Any]:
    return {
        name: each == "t" if name in _FLAGS and each in ("t", "f") else each for name, each in row.items()
    }


def _version(client: Client) -> Dict[str, Any]:
    row = client.rows("SELECT current_setting('server_version') AS v, version() AS raw")[0]
    numbers = [int(each) for each in row["v"].split()[0].split(".") if each.isdigit()]
    major, minor = (*numbers, 0, 0)[:2]
    return {"full": row["v"].split()[0], "major": major, "minor": minor, "raw": row["raw"]}


MODULE = PostgresqlInfo
