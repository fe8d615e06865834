"""postgresql_db: databases of PostgreSQL."""

import shlex
from typing import Any, Dict, List, Optional

from orchestr8.remote.module import Arg, Call, Failure, Module
from orchestr8.remote.postgres_client import LOGIN, Client, name, one, program, value
from orchestr8.remote.process import text
from orchestr8.remote.sql_files import packed, unpacked

_STATES = ("present", "absent", "dump", "restore", "rename")
_NOW = (
    "SELECT pg_get_userbyid(d.datdba) AS owner, pg_encoding_to_char(d.encoding) AS encoding,"
    " d.encoding = pg_char_to_encoding(%s) AS same_encoding, d.datcollate AS lc_collate,"
    " d.datctype AS lc_ctype, d.datconnlimit AS conn_limit, t.spcname AS tablespace,"
    " shobj_description(d.oid, 'pg_database') AS comment"
    " FROM pg_database d JOIN pg_tablespace t ON t.oid = d.dattablespace WHERE d.datname = %s"
)


class PostgresqlDb(Module):
    """Adds, removes, dumps and restores databases of PostgreSQL, by the client programs on the host."""

    name = "postgresql_db"
    args = dict(
        LOGIN,
        name=Arg("str", "The database.", required=True, aliases=["db"]),
        state=Arg("str", "What is to be.", default="present", choices=_STATES),
        owner=Arg("str", "Whose it is.", default=""),
        template=Arg("str", "What a new one is a copy of.", default=""),
        encoding=Arg("str", "Encoding of a new one.", default=""),
        lc_collate=Arg("str", "How a new one sorts.", default=""),
        lc_ctype=Arg("str", "How a new one tells letters.", default=""),
        icu_locale=Arg("str", "Locale of ICU for a new one.", default=""),
        locale_provider=Arg("str", "libc or icu, for a new one.", default=""),
        conn_limit=Arg("str", "How many connections at once; -1 for any.", default=""),
        tablespace=Arg("path", "Where it is kept.", default=""),
        comment=Arg("str", "A comment on it."),
        maintenance_db=Arg("str", "The database to log in to.", default="postgres"),
        target=Arg("path", "The file of a dump, or the new name.", default=""),
        target_opts=Arg("str", "More options of the program that dumps or restores.", default=""),
        dump_extra_args=Arg("str", "More options of the program that dumps."),
        force=Arg("bool", "Remove it although somebody is connected.", default=False),
    )

    def run(self, call: Call) -> Dict[str, Any]:
        """Compare and repair, or dump, or restore."""
        client = Client(call, call["maintenance_db"])
        row = one(client.rows(_NOW, call["encoding"] or "UTF8", call["name"]))
        changed = _ACTS[call["state"]](call, client, row)
        return {"changed": changed, "db": call["name"], "executed_commands": client.executed}


def _present(call: Call, client: Client, row: Optional[Dict[str, Any]]) -> bool:
    if row is None:
        client.change(" ".join(["CREATE DATABASE", name(call["name"]), *_wishes(call)]))
    else:
        _check(call, row)
        _alter(call, client, row)
    if call["comment"] is not None and (row or {}).get("comment") != call["comment"]:
        client.change("COMMENT ON DATABASE %s IS %s" % (name(call["name"]), value(call["comment"])))
    return bool(client.executed)


def _wishes(call: Call) -> List[str]:
    words = {
        "OWNER": name(call["owner"]) if call["owner"] else "",
        "TEMPLATE": name(call["template"]) if call["template"] else "",
        "ENCODING": value(call["encoding"]) if call["encoding"] else "",
        "LC_COLLATE": value(call["lc_collate"]) if call["lc_collate"] else "",
        "LC_CTYPE": value(call["lc_ctype"]) if call["lc_ctype"] else "",
        "ICU_LOCALE": value(call["icu_locale"]) if call["icu_locale"] else "",
        "LOCALE_PROVIDER": name(call["locale_provider"]) if call["locale_provider"] else "",
        "TABLESPACE": name(call["tablespace"]) if call["tablespace"] else "",
        "CONNECTION LIMIT": str(int(call["conn_limit"])) if call["conn_limit"] else "",
    }
    return ["%s %s" % (key, word) for key, word in words.items() if word]


def _check(call: Call, row: Dict[str, Any]) -> None:
    if call["encoding"] and row["same_encoding"] != "t":
        raise Failure("Changing database encoding is not supported. Current encoding: " + row["encoding"])
    for key in ("lc_collate", "lc_ctype"):
        if call[key] and call[key] != row[key]:
            raise Failure(
                "Changing %s is not supported. Current %s: %s" % (key.upper(), key.upper(), row[key])
            )


def _alter(call: Call, client: Client, row: Dict[str, Any]) -> None:
    who = "ALTER DATABASE %s " % name(call["name"])
    if call["owner"] and call["owner"] != row["owner"]:
        client.change(who + "OWNER TO " + name(call["owner"]))
    if call["conn_limit"] and str(int(call["conn_limit"])) != row["conn_limit"]:
        client.change(who + "CONNECTION LIMIT %d" % int(call["conn_limit"]))
    if call["tablespace"] and call["tablespace"] != row["tablespace"]:
        client.change(who + "SET TABLESPACE " + name(call["tablespace"]))


def _absent(call: Call, client: Client, row: Optional[Dict[str, Any]]) -> bool:
    if row is not None:
        client.change("DROP DATABASE %s%s" % (name(call["name"]), " WITH (FORCE)" if call["force"] else ""))
    return row is not None


def _rename(call: Call, client: Client, row: Optional[Dict[str, Any]]) -> bool:
    new = one(client.rows("SELECT 1 AS x FROM pg_database WHERE datname = %s", call["target"]))
    if row is not None and new is not None:
        raise Failure(
            "both the source and the target databases exist: %s, %s" % (call["name"], call["target"])
        )
    if row is None and new is None:
        raise Failure("the source database %s does not exist" % call["name"])
    if row is not None:
        client.change("ALTER DATABASE %s RENAME TO %s" % (name(call["name"]), name(call["target"])))
    return row is not None


def _dump(call: Call, client: Client, row: Optional[Dict[str, Any]]) -> bool:
    if row is None:
        raise Failure("the database %s does not exist" % call["name"])
    options = shlex.split(call["target_opts"]) + shlex.split(call["dump_extra_args"] or "")
    options += ["--format=c"] if call["target"].endswith((".pgc", ".dump")) else []
    options += ["--format=t"] if call["target"].endswith(".tar") else []
    client.executed.append(" ".join(["pg_dump", *options, call["name"]]))
    if not call.check:
        with packed(call["target"]) as path:
            _must(client, ["pg_dump", "--file=" + path, *options, "--dbname=" + call["name"]])
    return True


def _restore(call: Call, client: Client, row: Optional[Dict[str, Any]]) -> bool:
    _present(call, client, row)
    custom = call["target"].endswith((".pgc", ".dump", ".tar"))
    options = shlex.split(call["target_opts"])
    client.executed.append("restore " + call["target"])
    if not call.check:
        with unpacked(call["target"]) as path:
            if custom:
                _must(client, ["pg_restore", *options, "--dbname=" + call["name"], path])
            else:
                stop = ["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1"]
                _must(client, ["psql", *stop, *options, "--dbname=" + call["name"], "--file=" + path])
    return True


def _must(client: Client, words: List[str]) -> None:
    done = client.run([program(words[0]), *words[1:]])
    if done.rc:
        raise Failure(text(done.stderr).strip(), rc=done.rc)


_ACTS = {"present": _present, "absent": _absent, "rename": _rename, "dump": _dump, "restore": _restore}
MODULE = PostgresqlDb
