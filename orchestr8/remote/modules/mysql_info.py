"""mysql_info: what a server of MySQL or MariaDB is and has."""

import re
from typing import Any, Callable, Dict, List

from orchestr8.remote import mysql_grants
from orchestr8.remote.module import Arg, Call, Failure, Module
from orchestr8.remote.mysql_client import LOGIN, Client, Refused
from orchestr8.remote.sql_values import typed

_SIZES = (
    "SELECT s.SCHEMA_NAME AS name, SUM(t.DATA_LENGTH + t.INDEX_LENGTH) AS size"
    " FROM information_schema.SCHEMATA s"
    " LEFT JOIN information_schema.TABLES t ON t.TABLE_SCHEMA = s.SCHEMA_NAME GROUP BY s.SCHEMA_NAME"
)


class MysqlInfo(Module):
    """Tells version, databases, settings, users, engines and replication of a server."""

    name = "mysql_info"
    args = dict(
        LOGIN,
        login_db=Arg("str", "The database to log in to."),
        filter=Arg("list", "What to tell; with ! before it, what to leave out.", elements="str"),
        exclude_fields=Arg("list", "Parts of databases to leave out.", elements="str"),
        return_empty_dbs=Arg("bool", "Databases without tables, too.", default=False),
    )

    def run(self, call: Call) -> Dict[str, Any]:
        """Ask for what is wanted."""
        client = Client(call)
        name = "MariaDB" if client.maria else "MySQL"
        found: Dict[str, Any] = {"changed": False, "server_engine": name, "connector_name": "client program"}
        for part in _wanted(call["filter"]):
            found[part] = _PARTS[part](client, call)
        return found


def _wanted(chosen: Any) -> List[str]:
    words = [word.strip() for word in chosen or ()]
    unknown = [word for word in words if word.lstrip("!") not in _PARTS]
    if unknown:
        raise Failure("filter: %s is unknown; known are %s" % (unknown[0], ", ".join(sorted(_PARTS))))
    named = [word for word in words if not word.startswith("!")]
    return named or [part for part in _PARTS if "!" + part not in words]


def _version(client: Client, call: Call) -> Dict[str, Any]:
    del call
    major, minor, release = client.number
    suffix = client.version.partition("-")[2]
    return {"full": client.version, "major": major, "minor": minor, "release": release, "suffix": suffix}


def _databases(client: Client, call: Call) -> Dict[str, Any]:
    rows = [row for row in client.rows(_SIZES) if row["size"] is not None or call["return_empty_dbs"]]
    sized = "size" not in (call["exclude_fields"] or ())
    return {row["name"]: {"size": int(float(row["size"] or 0))} if sized else {} for row in rows}


def _pairs(statement: str) -> Callable[[Client, Call], Dict[str, Any]]:
    def ask(client: Client, call: Call) -> Dict[str, Any]:
        del call
        return typed({row["Variable_name"]: row["Value"] for row in client.rows(statement)})

    return ask


def _engines(client: Client, call: Call) -> Dict[str, Any]:
    del call
    return {
        row["Engine"]: {key: each for key, each in row.items() if key != "Engine"}
        for row in client.rows("SHOW ENGINES")
    }


def _users(client: Client, call: Call) -> Dict[str, Any]:
    del call
    found: Dict[str, Any] = {}
    for row in client.rows("SELECT * FROM mysql.user"):
        kept = {k: e for k, e in row.items() if not re.search(r"user|host|password$|string", k.lower())}
        found.setdefault(row["Host"], {})[row["User"]] = kept
    return found


def _users_info(client: Client, call: Call) -> List[Dict[str, Any]]:
    del call
    found = []
    for row in client.rows("SELECT User, Host, plugin, authentication_string AS kept FROM mysql.user"):
        grants = mysql_grants.shown(client, row["User"], row["Host"])
        priv = {
            where.replace("`", ""): ",".join(sorted(words) or ["USAGE"]) for where, words in grants.items()
        }
        found.append({"name": row["User"], "host": row["Host"], "plugin": row["plugin"], "priv": priv})
    return found


def _replica(client: Client, call: Call) -> Dict[str, Any]:
    del call
    rows = _either(client, "SHOW REPLICA STATUS", "SHOW SLAVE STATUS")
    return {row.get("Master_Host") or row.get("Source_Host") or "": typed(row) for row in rows}


def _primary(client: Client, call: Call) -> Dict[str, Any]:
    del call
    rows = _either(client, "SHOW BINARY LOG STATUS", "SHOW MASTER STATUS")
    return typed(rows[0]) if rows else {}


def _either(client: Client, new: str, old: str) -> List[Dict[str, Any]]:
    try:
        return client.rows(new)
    except Refused:
        return client.rows(old)


_PARTS: Dict[str, Callable[[Client, Call], Any]] = {
    "version": _version,
    "databases": _databases,
    "settings": _pairs("SHOW GLOBAL VARIABLES"),
    "global_status": _pairs("SHOW GLOBAL STATUS"),
    "engines": _engines,
    "users": _users,
    "users_info": _users_info,
    "master_status": _primary,
    "slave_status": _replica,
}
MODULE = MysqlInfo
