"""postgresql_user: roles of PostgreSQL that log in, their passwords and attributes."""

from typing import Any, Dict, List, Optional

from orchestr8.remote.module import Arg, Call, Failure, Module
from orchestr8.remote.postgres_client import LOGIN, Client, name, one, value
from orchestr8.remote.postgres_passwords import fits

_FLAGS = {
    "SUPERUSER": "rolsuper",
    "CREATEROLE": "rolcreaterole",
    "CREATEUSER": "rolcreaterole",
    "CREATEDB": "rolcreatedb",
    "INHERIT": "rolinherit",
    "LOGIN": "rolcanlogin",
    "REPLICATION": "rolreplication",
    "BYPASSRLS": "rolbypassrls",
}


class PostgresqlUser(Module):
    """Adds and removes users of PostgreSQL.

    It works by the client program `psql` on the host, so no Python library is needed there.
    """

    name = "postgresql_user"
    args = dict(
        LOGIN,
        name=Arg("str", "The user.", required=True, aliases=["user"]),
        password=Arg("str", "The password, or its hash.", secret=True),
        db=Arg("str", "The database to log in to.", default="", aliases=["login_db"]),
        state=Arg("str", "Whether the user is there.", default="present", choices=["present", "absent"]),
        role_attr_flags=Arg("str", "What the user may, such as CREATEDB,NOSUPERUSER.", default=""),
        encrypted=Arg("bool", "Taken for compatibility: passwords are always kept as hashes.", default=True),
        expires=Arg("str", "When the password ends; infinity for never."),
        conn_limit=Arg("int", "How many connections at once; -1 for any."),
        no_password_changes=Arg("bool", "A user that is there keeps the password.", default=False),
        fail_on_user=Arg(
            "bool", "Fail when the user cannot be removed.", default=True, aliases=["fail_on_role"]
        ),
        comment=Arg("str", "A comment on the user."),
        configuration=Arg("dict", "Settings of the user's sessions.", default={}),
        quote_configuration_values=Arg("bool", "Quote their values.", default=True),
        reset_unspecified_configuration=Arg("bool", "Reset settings that are not given.", default=False),
    )

    def run(self, call: Call) -> Dict[str, Any]:
        """Compare and repair."""
        client = Client(call, call["db"] or "postgres")
        row = one(client.rows("SELECT * FROM pg_roles WHERE rolname = %s", call["name"]))
        if call["state"] == "absent":
            _remove(call, client) if row else None
        else:
            _settle(call, client, row)
        return {"changed": bool(client.executed), "user": call["name"], "queries": client.executed}


def _remove(call: Call, client: Client) -> None:
    try:
        client.change("DROP USER " + name(call["name"]))
    except Failure:
        if call["fail_on_user"]:
            raise
        client.executed.clear()


def _settle(call: Call, client: Client, row: Optional[Dict[str, Any]]) -> None:
    words = _attributes(call, row)
    secret = _password(call, client, row)
    if row is None or words or secret:
        verb = "ALTER USER" if row else "CREATE USER"
        told = "%s %s" % (verb, name(call["name"]))
        hidden = ["PASSWORD '********'"] if secret else []
        parts = [*words, *([secret] if secret else [])]
        shown = " WITH ".join([told, " ".join([*words, *hidden])]) if parts else told
        client.change(" WITH ".join([told, " ".join(parts)]) if parts else told, shown=[shown])
    if call["comment"] is not None:
        _comment(call, client, row)
    _configuration(call, client, row)


def _attributes(call: Call, row: Optional[Dict[str, Any]]) -> List[str]:
    words = []
    for flag in (each.strip().upper() for each in call["role_attr_flags"].split(",")):
        if not flag:
            continue
        bare = flag[2:] if flag[2:] in _FLAGS and flag.startswith("NO") else flag
        if bare not in _FLAGS:
            raise Failure("Invalid role_attr_flags specified: %s" % flag)
        if row is None or (row.get(_FLAGS[bare]) == "t") != (bare == flag):
            words.append(flag)
    limit = call["conn_limit"]
    if limit is not None and (row is None or str(limit) != row["rolconnlimit"]):
        words.append("CONNECTION LIMIT %d" % limit)
    expires = call["expires"]
    if expires is not None and not _ends(row, expires):
        words.append("VALID UNTIL " + value(expires))
    return words


def _ends(row: Optional[Dict[str, Any]], expires: str) -> bool:
    now = row.get("rolvaliduntil") if row else None
    return row is not None and (str(now or "infinity").startswith(expires) or now == expires)


def _password(call: Call, client: Client, row: Optional[Dict[str, Any]]) -> str:
    password = call["password"]
    if password is None or (row and call["no_password_changes"]):
        return ""
    if row is not None:
        kept = _kept(client, call["name"])
        if kept is not False and fits(call["name"], password, kept):
            return ""
    return "PASSWORD " + (value(password) if password else "NULL")


def _kept(client: Client, user: str) -> Any:
    """Return the hash that the server keeps; False when only others may see it."""
    try:
        row = one(client.rows("SELECT rolpassword FROM pg_authid WHERE rolname = %s", user))
    except Failure:
        return False
    return row["rolpassword"] if row else None


def _comment(call: Call, client: Client, row: Optional[Dict[str, Any]]) -> None:
    query = "SELECT shobj_description(oid, 'pg_authid') AS c FROM pg_roles WHERE rolname = %s"
    now = one(client.rows(query, call["name"])) if row else None
    if (now["c"] if now else None) != call["comment"]:
        client.change("COMMENT ON ROLE %s IS %s" % (name(call["name"]), value(call["comment"])))


def _configuration(call: Call, client: Client, row: Optional[Dict[str, Any]]) -> None:
    query = "SELECT unnest(rolconfig) AS c FROM pg_roles WHERE rolname = %s"
    reset = call["reset_unspecified_configuration"]
    rows = client.rows(query, call["name"]) if row and (call["configuration"] or reset) else []
    now = dict(each["c"].split("=", 1) for each in rows)
    for key, wanted in call["configuration"].items():
        if now.get(str(key).lower(), now.get(key)) != str(wanted):
            told = value(wanted) if call["quote_configuration_values"] else str(wanted)
            client.change("ALTER ROLE %s SET %s = %s" % (name(call["name"]), name(key), told))
    given = {str(key).lower() for key in call["configuration"]}
    for key in sorted(now) if reset else []:
        if key.lower() not in given:
            client.change("ALTER ROLE %s RESET %s" % (name(call["name"]), name(key)))


MODULE = PostgresqlUser
