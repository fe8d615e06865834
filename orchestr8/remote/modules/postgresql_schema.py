"""postgresql_schema: schemas of databases of PostgreSQL."""

from typing import Any, Dict

from orchestr8.remote.module import Arg, Call, Module
from orchestr8.remote.postgres_client import LOGIN, Client, name, one, value

_NOW = (
    "SELECT pg_get_userbyid(nspowner) AS owner, obj_description(oid, 'pg_namespace') AS comment"
    " FROM pg_namespace WHERE nspname = %s"
)


class PostgresqlSchema(Module):
    """Adds and removes a schema of a database."""

    name = "postgresql_schema"
    args = dict(
        LOGIN,
        name=Arg("str", "The schema.", required=True, aliases=["schema"]),
        login_db=Arg("str", "The database.", default="postgres", aliases=["db", "database"]),
        owner=Arg("str", "Whose it is.", default=""),
        state=Arg("str", "Whether it is there.", default="present", choices=["present", "absent"]),
        cascade_drop=Arg("bool", "Remove what is in it, too.", default=False),
        comment=Arg("str", "A comment on it."),
    )

    def run(self, call: Call) -> Dict[str, Any]:
        """Compare and repair."""
        client = Client(call, call["login_db"])
        row, schema = one(client.rows(_NOW, call["name"])), name(call["name"])
        if call["state"] == "absent":
            if row:
                client.change("DROP SCHEMA %s%s" % (schema, " CASCADE" if call["cascade_drop"] else ""))
            return {"changed": bool(client.executed), "schema": call["name"], "queries": client.executed}
        owner = name(call["owner"]) if call["owner"] else ""
        if row is None:
            client.change("CREATE SCHEMA %s%s" % (schema, " AUTHORIZATION " + owner if owner else ""))
        elif owner and row["owner"] != call["owner"]:
            client.change("ALTER SCHEMA %s OWNER TO %s" % (schema, owner))
        if call["comment"] is not None and (row or {}).get("comment") != call["comment"]:
            client.change("COMMENT ON SCHEMA %s IS %s" % (schema, value(call["comment"])))
        return {"changed": bool(client.executed), "schema": call["name"], "queries": client.executed}


MODULE = PostgresqlSchema
