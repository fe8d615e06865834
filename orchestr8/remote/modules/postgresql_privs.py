"""postgresql_privs: what roles of PostgreSQL may do with databases, tables and other objects."""

import re
from typing import Any, Dict, List

from orchestr8.remote import postgres_privileges as privileges
from orchestr8.remote.module import Arg, Call, Failure, Module
from orchestr8.remote.postgres_client import LOGIN, Client, name


class PostgresqlPrivs(Module):
    """Gives privileges to roles and takes them away; what is granted before and after is compared."""

    name = "postgresql_privs"
    args = dict(
        LOGIN,
        login_db=Arg("str", "The database.", required=True, aliases=["db", "database"]),
        state=Arg("str", "Given or taken.", default="present", choices=["present", "absent"]),
        privs=Arg("str", "Privileges with commas between them.", aliases=["priv"]),
        type=Arg("str", "What they are on.", default="table", choices=sorted(privileges.KINDS)),
        objs=Arg("str", "The objects, with commas between them, or ALL_IN_SCHEMA.", aliases=["obj"]),
        schema=Arg("str", "Where the objects are."),
        roles=Arg(
            "str",
            "Whose they are, with commas between them; PUBLIC for all.",
            required=True,
            aliases=["role"],
        ),
        target_roles=Arg("str", "Whose new objects default privileges are about."),
        grant_option=Arg("bool", "Whether they may give them on.", aliases=["admin_option"]),
        fail_on_role=Arg("bool", "Fail when a role is not there; else do nothing for it.", default=True),
    )

    def run(self, call: Call) -> Dict[str, Any]:
        """Grant or revoke in a transaction that check mode takes back."""
        client = Client(call, call["login_db"])
        roles = _roles(call, client)
        if not roles:
            return {"changed": False, "queries": []}
        told = _statements(call, roles)
        kind, schema = privileges.KINDS[call["type"]], call["schema"] or "public"
        objects = [] if call["objs"] == "ALL_IN_SCHEMA" else _objects(call)
        ask = privileges.kept(kind, schema, objects)
        end = "ROLLBACK" if call.check else "COMMIT"
        answers = client.answers("BEGIN", ask, "; ".join(told), ask, end)
        changed = privileges.counted(answers[1]) != privileges.counted(answers[3])
        return {"changed": changed, "queries": told}


def _listed(words: Any) -> List[str]:
    """Return words with commas between them; a comma in brackets is part of a word."""
    return [each.strip() for each in re.split(r",(?![^()]*\))", words or "") if each.strip()]


def _roles(call: Call, client: Client) -> List[str]:
    wanted = _listed(call["roles"])
    real = [role for role in wanted if role.upper() != "PUBLIC"]
    rows = client.rows("SELECT rolname FROM pg_roles WHERE rolname IN (%s)", real) if real else []
    known = {row["rolname"] for row in rows}
    missing = [role for role in real if role not in known]
    if missing and call["fail_on_role"]:
        raise Failure("Role '%s' does not exist" % missing[0])
    if missing:
        call.warnings.append("Role '%s' does not exist, nothing to do" % missing[0])
    return [role for role in wanted if role not in missing]


def _objects(call: Call) -> List[str]:
    if call["objs"]:
        return _listed(call["objs"])
    if call["type"] == "database":
        return [call["login_db"]]
    if call["type"] == "default_privs":
        return []
    raise Failure("argument `objs` is needed for the type %s" % call["type"])


def _statements(call: Call, roles: List[str]) -> List[str]:
    if call["type"] == "group":
        return _memberships(call, roles)
    if not call["privs"] and not (call["type"] == "default_privs" and call["state"] == "absent"):
        raise Failure("argument `privs` is needed for the type %s" % call["type"])
    what = privileges.privileges(_listed(call["privs"] or "ALL"))
    if call["type"] == "default_privs":
        return _defaults(call, what, roles)
    kind = privileges.KINDS[call["type"]]
    on = privileges.named(call["type"], kind, call["schema"] or "public", _objects(call))
    return [_one(call, what, on, roles)]


def _one(call: Call, what: str, on: str, roles: List[str]) -> str:
    who = privileges.to(roles)
    if call["state"] == "absent":
        option = "GRANT OPTION FOR " if call["grant_option"] else ""
        return "REVOKE %s%s ON %s FROM %s" % (option, what, on, who)
    return "GRANT %s ON %s TO %s%s" % (what, on, who, " WITH GRANT OPTION" if call["grant_option"] else "")


def _memberships(call: Call, roles: List[str]) -> List[str]:
    groups, who = ", ".join(map(name, _objects(call))), privileges.to(roles)
    if call["state"] == "absent":
        option = "ADMIN OPTION FOR " if call["grant_option"] else ""
        return ["REVOKE %s%s FROM %s" % (option, groups, who)]
    return ["GRANT %s TO %s%s" % (groups, who, " WITH ADMIN OPTION" if call["grant_option"] else "")]


def _defaults(call: Call, what: str, roles: List[str]) -> List[str]:
    first = "ALTER DEFAULT PRIVILEGES"
    if call["target_roles"]:
        first += " FOR ROLE " + ", ".join(map(name, _listed(call["target_roles"])))
    if call["schema"]:
        first += " IN SCHEMA " + name(call["schema"])
    found = []
    for each in privileges.default_targets(_objects(call)):
        fitting = (
            "USAGE" if each == "TYPES" and call["objs"] in (None, "ALL_DEFAULT") and what != "ALL" else what
        )
        found.append("%s %s" % (first, _one(call, fitting, each, roles)))
    return found


MODULE = PostgresqlPrivs
