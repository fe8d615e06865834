"""postgresql_set: settings of a server of PostgreSQL."""

from typing import Any, Dict

from orchestr8.remote.module import Arg, Call, Failure, Module
from orchestr8.remote.postgres_client import LOGIN, Client, name, one, value

_NOW = (
    "SELECT current_setting(name) AS pretty, boot_val, setting, unit, context, pending_restart"
    " FROM pg_settings WHERE name = %s"
)
_SAME = "SELECT pg_size_bytes(%s) = pg_size_bytes(%s) AS same"
_OFF = {"true": "on", "yes": "on", "1": "on", "false": "off", "no": "off", "0": "off"}


class PostgresqlSet(Module):
    """Changes a setting of the server for good, and has it read anew."""

    name = "postgresql_set"
    args = dict(
        LOGIN,
        name=Arg("str", "The setting.", required=True),
        value=Arg("str", "What it is to be."),
        reset=Arg("bool", "Take the server's default.", default=False),
        login_db=Arg("str", "The database.", default="postgres", aliases=["db"]),
    )
    one_of = (("value", "reset"),)

    def run(self, call: Call) -> Dict[str, Any]:
        """Compare and change."""
        client = Client(call, call["login_db"])
        row = one(client.rows(_NOW, call["name"]))
        if row is None:
            raise Failure("No such parameter: %s. Please check its spelling or presence" % call["name"])
        if row["context"] == "internal":
            raise Failure("%s: cannot be changed (internal context)" % call["name"])
        wanted = row["boot_val"] if call["reset"] else call["value"]
        if not _same(client, row, wanted, reset=call["reset"]):
            to = "RESET %s" % name(call["name"])
            to = to if call["reset"] else "SET %s = %s" % (name(call["name"]), value(wanted))
            client.change("ALTER SYSTEM " + to)
            client.change("SELECT pg_reload_conf()")
        changed = bool(client.executed)
        return {
            "changed": changed,
            "name": call["name"],
            "prev_val_pretty": row["pretty"],
            "value_pretty": wanted if changed else row["pretty"],
            "restart_required": row["context"] == "postmaster" and changed,
            "context": row["context"],
        }


def _same(client: Client, row: Dict[str, Any], wanted: Any, *, reset: bool) -> bool:
    told = str(wanted)
    if told in (row["pretty"], row["setting"]):
        return True
    if row["setting"] in ("on", "off"):
        return bool(_OFF.get(told.lower(), told.lower()) == row["setting"])
    if reset or row["unit"] not in ("B", "kB", "8kB", "MB", "16MB"):
        return False
    try:
        found = one(client.rows(_SAME, row["pretty"], told))
    except Failure:
        return False
    return found is not None and found["same"] == "t"


MODULE = PostgresqlSet
