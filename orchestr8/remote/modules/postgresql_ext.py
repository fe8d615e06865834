"""postgresql_ext: extensions of databases of PostgreSQL."""

from typing import Any, Dict

from orchestr8.remote.module import Arg, Call, Module
from orchestr8.remote.postgres_client import LOGIN, Client, name, one, value

_NOW = (
    "SELECT e.extversion AS version, s.nspname AS schema FROM pg_extension e"
    " JOIN pg_namespace s ON s.oid = e.extnamespace WHERE e.extname = %s"
)


class PostgresqlExt(Module):
    """Adds, updates and removes an extension of a database."""

    name = "postgresql_ext"
    args = dict(
        LOGIN,
        name=Arg("str", "The extension.", required=True, aliases=["ext"]),
        login_db=Arg("str", "The database.", required=True, aliases=["db"]),
        schema=Arg("str", "Where its objects are."),
        state=Arg("str", "Whether it is there.", default="present", choices=["present", "absent"]),
        cascade=Arg("bool", "What it needs, or what needs it, as well.", default=False),
        version=Arg("str", "Its version, or latest."),
        comment=Arg("str", "A comment on it."),
    )

    def run(self, call: Call) -> Dict[str, Any]:
        """Compare and repair."""
        client = Client(call, call["login_db"])
        row = one(client.rows(_NOW, call["name"]))
        extension, end = name(call["name"]), " CASCADE" if call["cascade"] else ""
        if call["state"] == "absent":
            if row:
                client.change("DROP EXTENSION %s%s" % (extension, end))
        elif row is None:
            schema = " SCHEMA " + name(call["schema"]) if call["schema"] else ""
            version = " VERSION " + value(call["version"]) if call["version"] not in (None, "latest") else ""
            client.change("CREATE EXTENSION %s%s%s%s" % (extension, schema, version, end))
        else:
            _update(call, client, row)
        if call["state"] == "present" and call["comment"] is not None:
            _comment(call, client)
        out = {"changed": bool(client.executed), "queries": client.executed}
        return dict(out, prev_version=row["version"] if row else "", db=call["login_db"])


def _comment(call: Call, client: Client) -> None:
    query = "SELECT obj_description(oid, 'pg_extension') AS c FROM pg_extension WHERE extname = %s"
    now = one(client.rows(query, call["name"]))
    if ((now or {}).get("c") or "") != call["comment"]:
        client.change("COMMENT ON EXTENSION %s IS %s" % (name(call["name"]), value(call["comment"])))


def _update(call: Call, client: Client, row: Dict[str, Any]) -> None:
    extension, wanted = name(call["name"]), call["version"]
    if wanted == "latest":
        newest = one(
            client.rows(
                "SELECT default_version AS v FROM pg_available_extensions WHERE name = %s", call["name"]
            )
        )
        wanted = newest["v"] if newest else row["version"]
    if wanted is not None and wanted != row["version"]:
        client.change("ALTER EXTENSION %s UPDATE TO %s" % (extension, value(wanted)))
    if call["schema"] and call["schema"] != row["schema"]:
        client.change("ALTER EXTENSION %s SET SCHEMA %s" % (extension, name(call["schema"])))


MODULE = PostgresqlExt
