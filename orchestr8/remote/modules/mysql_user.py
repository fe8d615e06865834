"""mysql_user: users of MySQL and MariaDB, their passwords and privileges."""

import hashlib
from typing import Any, Dict, List, Optional

from orchestr8.remote import mysql_grants
from orchestr8.remote.module import Arg, Call, Failure, Module
from orchestr8.remote.mysql_account import Account
from orchestr8.remote.mysql_client import LOGIN, Client, Refused, value

_HASHED = ("caching_sha2_password", "sha256_password", "ed25519", "parsec")
"""Plugins that keep passwords in ways of their own; others, such as unix_socket, let in without one."""
_PLACES = "SELECT Host AS h FROM mysql.user WHERE User = %s"


class MysqlUser(Module):
    """Adds and removes users of MySQL and MariaDB.

    It works by the client program `mysql` on the host, so no Python library is needed there; a password
    kept by another plugin than mysql_native_password is compared by logging in with it.
    """

    name = "mysql_user"
    args = dict(
        LOGIN,
        name=Arg("str", "The user.", required=True, aliases=["user"]),
        password=Arg("str", "The password.", secret=True),
        encrypted=Arg("bool", "The password is the hash that the server keeps.", default=False),
        host=Arg("str", "From where the user comes.", default="localhost"),
        host_all=Arg("bool", "All users of the name, wherever they come from.", default=False),
        priv=Arg("raw", "Privileges: db.table:PRIVILEGES/…, or a mapping of the same."),
        append_privs=Arg("bool", "Other privileges stay.", default=False),
        subtract_privs=Arg("bool", "Take these privileges away.", default=False),
        state=Arg("str", "Whether the user is there.", default="present", choices=["present", "absent"]),
        update_password=Arg(
            "str",
            "Whether a user that is there gets the password.",
            default="always",
            choices=["always", "on_create", "on_new_username"],
        ),
        plugin=Arg("str", "How the user proves who they are."),
        plugin_hash_string=Arg("str", "What the plugin keeps.", aliases=["plugin_hash"], secret=True),
        plugin_auth_string=Arg("str", "What the plugin is given.", aliases=["plugin_auth"], secret=True),
        tls_requires=Arg("dict", "What a connection has to have: SSL, X509, or SUBJECT, ISSUER, CIPHER."),
        resource_limits=Arg("dict", "Limits, such as MAX_QUERIES_PER_HOUR."),
        password_expire=Arg(
            "str",
            "When the password ends; `interval` after password_expire_interval days.",
            choices=["now", "never", "default", "interval"],
        ),
        password_expire_interval=Arg("int", "Days until the password ends."),
        force_context=Arg(
            "bool", "Accepted: statements name no database that would have to be chosen.", default=False
        ),
        locked=Arg("bool", "Whether the user may not log in."),
        check_implicit_admin=Arg("bool", "Try root without a password first.", default=False),
        column_case_sensitive=Arg("bool", "Taken for compatibility: columns are compared as written."),
        sql_log_bin=Arg("bool", "Write the changes to the binary log.", default=True),
        session_vars=Arg("dict", "Variables of the session."),
    )
    exclusive = (("append_privs", "subtract_privs"),)
    required_if = (("password_expire", "interval", ("password_expire_interval",)),)

    def run(self, call: Call) -> Dict[str, Any]:
        """Compare and repair, for each place the user comes from."""
        client = Client(_logged_in(call))
        client.prepare(call["session_vars"] or {}, log=call["sql_log_bin"])
        user, hosts = call["name"], [call["host"]]
        if call["host_all"]:
            rows = client.rows(_PLACES, user)
            hosts = [row["h"] for row in rows] or ([] if call["state"] == "absent" else hosts)
        done = [_settled(call, client, Account(client, user, host)) for host in hosts]
        none = "User doesn't exist" if call["state"] == "absent" else "User unchanged"
        messages = [each for each in done if each] or [none]
        return {
            "changed": any(done),
            "user": user,
            "msg": messages[0],
            "password_changed": any("Password" in each or "added" in each for each in done if each),
            "attributes": None,
        }


def _logged_in(call: Call) -> Call:
    """Return the call as root without a password, where that is to be tried first and works."""
    if not call["check_implicit_admin"]:
        return call
    import copy

    bare = copy.copy(call)
    bare.args = dict(call.args, login_user="root", login_password=None, config_file=None)
    try:
        Client(bare).rows("SELECT 1")
    except Refused:
        return call
    return bare


def _settled(call: Call, client: Client, account: Account) -> str:
    """Make one account as it should be; return what changed, "" for nothing."""
    if call["state"] == "absent":
        if not account.exists:
            return ""
        client.change("DROP USER " + account.quoted)
        return "User deleted"
    messages: List[str] = []
    if not account.exists:
        _create(call, client, account)
        messages.append("User added")
    elif _password(call, client, account):
        messages.append("Password updated")
    if account.exists or not call.check:
        messages += _rest(call, client, account)
    return messages[0] if messages else ""


def _create(call: Call, client: Client, account: Account) -> None:
    how = _known(call, client, account) or _identified(call, client)
    told = "CREATE USER " + account.quoted
    client.change(told + (how or ""), shown=[told + (" IDENTIFIED BY '********'" if how else "")])


def _when(call: Call) -> str:
    return str(call["update_password"])


def _known(call: Call, client: Client, account: Account) -> Optional[str]:
    """Return the password that the user has elsewhere, where a new one is only for new names."""
    if _when(call) != "on_new_username":
        return None
    rows = client.rows(_PLACES, account.user)
    kept = [Account(client, account.user, row["h"]).kept for row in rows]
    if not kept:
        return None
    word = " IDENTIFIED BY PASSWORD " if client.maria else " IDENTIFIED WITH mysql_native_password AS "
    return word + value(kept[0])


def _password(call: Call, client: Client, account: Account) -> bool:
    if _when(call) != "always":
        return False
    how = _identified(call, client)
    if how is None or _is_so(call, account):
        return False
    told = "ALTER USER " + account.quoted
    client.change(told + how, shown=[told + " IDENTIFIED BY '********'"])
    return True


def _is_so(call: Call, account: Account) -> bool:
    """Return whether the user proves who they are in the wanted way already."""
    if call["plugin"]:
        same = account.plugin == call["plugin"]
        if call["plugin_hash_string"] is not None:
            return bool(same and account.kept == call["plugin_hash_string"])
        return same and (call["plugin_auth_string"] is None or account.logs_in(call["plugin_auth_string"]))
    wanted = call["password"] if call["encrypted"] else native_hash(call["password"])
    if account.plugin in ("", "mysql_native_password"):
        return bool(account.kept == wanted)
    if call["encrypted"] or account.plugin not in _HASHED:
        return bool(account.kept == wanted)
    return account.logs_in(call["password"])


def native_hash(password: str) -> str:
    """Return what mysql_native_password keeps of a password."""
    if not password:
        return ""
    inner = hashlib.sha1(password.encode()).digest()  # noqa: S324 -- the server's own way
    return "*" + hashlib.sha1(inner).hexdigest().upper()  # noqa: S324


def _identified(call: Call, client: Client) -> Optional[str]:
    """Return the part of a statement that says how a user proves who they are; None when nothing is said."""
    if call["plugin"]:
        return _by_plugin(call, client)
    password = call["password"]
    if password is None:
        return None
    if not call["encrypted"]:
        return " IDENTIFIED BY " + value(password)
    if client.maria:
        return " IDENTIFIED BY PASSWORD " + value(password)
    return " IDENTIFIED WITH mysql_native_password AS " + value(password)


def _by_plugin(call: Call, client: Client) -> str:
    plugin = call["plugin"]
    if not plugin.replace("_", "").isalnum():
        raise Failure("%r is no name of a plugin" % plugin)
    word = " IDENTIFIED %s %s" % ("VIA" if client.maria else "WITH", plugin)
    if call["plugin_hash_string"] is not None:
        return word + (" USING " if client.maria else " AS ") + value(call["plugin_hash_string"])
    if call["plugin_auth_string"] is not None:
        told = value(call["plugin_auth_string"])
        return word + (" USING PASSWORD(%s)" % told if client.maria else " BY " + told)
    return word


def _rest(call: Call, client: Client, account: Account) -> List[str]:
    found: List[str] = []
    changes = account.requirements(call["tls_requires"]) + account.limits(call["resource_limits"])
    changes += account.lock(wanted=call["locked"])
    changes += account.expiry(call["password_expire"], call["password_expire_interval"])
    if changes:
        client.change(*changes)
        found.append("User updated")
    if call["priv"] is not None:
        now = mysql_grants.shown(client, account.user, account.host)
        way = "append" if call["append_privs"] else "subtract" if call["subtract_privs"] else "set"
        changes = mysql_grants.statements(account.quoted, now, mysql_grants.wished(call["priv"]), way)
        if changes:
            client.change(*changes)
            found.append("Privileges updated")
    return found


MODULE = MysqlUser
