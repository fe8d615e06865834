"""mysql_replication: replicas of MySQL and MariaDB."""

from typing import Any, Dict, List, Optional

from orchestr8.remote.module import Arg, Call, Failure, Module
from orchestr8.remote.mysql_client import LOGIN, Client, Refused, value
from orchestr8.remote.sql_values import typed

_MODES = (
    "getreplica", "getprimary", "changeprimary", "changereplication", "startreplica", "stopreplica",
    "resetreplica", "resetreplicaall", "resetprimary",
)  # fmt: skip
_TEXTS = (
    "host", "user", "password", "log_file", "ssl_ca", "ssl_capath", "ssl_cert", "ssl_key", "ssl_cipher",
)  # fmt: skip
_NUMBERS = ("port", "connect_retry", "log_pos", "delay")


class MysqlReplication(Module):
    """Tells the state of a replica or of its primary, and makes, starts, stops and resets replicas."""

    name = "mysql_replication"
    args = dict(
        LOGIN,
        mode=Arg("str", "What to do.", default="getreplica", choices=_MODES),
        primary_host=Arg("str", "The primary.", aliases=["master_host"]),
        primary_user=Arg("str", "As whom to log in there.", aliases=["master_user"]),
        primary_password=Arg("str", "With which password.", aliases=["master_password"], secret=True),
        primary_port=Arg("int", "Its port.", aliases=["master_port"]),
        primary_connect_retry=Arg("int", "Seconds between tries.", aliases=["master_connect_retry"]),
        primary_log_file=Arg("str", "Where to begin: the file.", aliases=["master_log_file"]),
        primary_log_pos=Arg("int", "Where to begin: the place in it.", aliases=["master_log_pos"]),
        primary_delay=Arg("int", "Seconds to stay behind.", aliases=["master_delay"]),
        primary_use_gtid=Arg(
            "str",
            "How MariaDB uses transaction ids.",
            choices=["current_pos", "replica_pos", "slave_pos", "disabled"],
            aliases=["master_use_gtid"],
        ),
        primary_auto_position=Arg("bool", "Begin where MySQL's ids say.", aliases=["master_auto_position"]),
        primary_ssl=Arg("bool", "Use TLS.", aliases=["master_ssl"]),
        primary_ssl_ca=Arg("str", "Certificate of who signed the primary's.", aliases=["master_ssl_ca"]),
        primary_ssl_cert=Arg("str", "Our own certificate.", aliases=["master_ssl_cert"]),
        primary_ssl_key=Arg("str", "Its key.", aliases=["master_ssl_key"]),
        primary_ssl_capath=Arg("str", "Folder of such certificates.", aliases=["master_ssl_capath"]),
        primary_ssl_cipher=Arg("str", "Ciphers that may be used.", aliases=["master_ssl_cipher"]),
        primary_ssl_verify_server_cert=Arg("bool", "Compare the primary's certificate with its name."),
        relay_log_file=Arg("str", "Where to go on: the relay's file."),
        relay_log_pos=Arg("int", "Where to go on: the place in it."),
        channel=Arg("str", "The channel of MySQL."),
        connection_name=Arg("str", "The connection of MariaDB."),
        fail_on_error=Arg("bool", "Fail when the server refuses.", default=False),
    )
    exclusive = (("connection_name", "channel"),)

    def run(self, call: Call) -> Dict[str, Any]:
        """Ask or change."""
        client, mode = Client(call), call["mode"]
        if mode == "getprimary":
            return _told(_status(client, primary=True, call=call), ("Is_Primary", "Is_Master"))
        if mode == "getreplica":
            return _told(_status(client, primary=False, call=call), ("Is_Replica", "Is_Slave"))
        if mode in ("changeprimary", "changereplication"):
            statement, shown = _change(call, client)
        else:
            statement = shown = _simple(call, client, mode)
        try:
            client.change(statement, shown=[shown])
        except Refused as error:
            if call["fail_on_error"] or mode.startswith("change"):
                raise
            return {"changed": False, "msg": error.msg, "queries": client.executed}
        return {"changed": True, "msg": "%s done" % mode, "queries": client.executed}


def _new(client: Client) -> bool:
    """Return whether the server knows the words replica and source."""
    return not client.maria and tuple(client.number) >= (8, 0, 23)


def _status(client: Client, *, primary: bool, call: Call) -> Optional[Dict[str, Any]]:
    if primary:
        new = not client.maria and tuple(client.number) >= (8, 2, 0)
        rows = client.rows("SHOW BINARY LOG STATUS" if new else "SHOW MASTER STATUS")
    elif client.maria and call["connection_name"]:
        rows = client.rows("SHOW SLAVE %s STATUS", call["connection_name"])
    else:
        channel = " FOR CHANNEL " + value(call["channel"]) if call["channel"] else ""
        rows = client.rows(("SHOW REPLICA STATUS" if _new(client) else "SHOW SLAVE STATUS") + channel)
    return rows[0] if rows else None


def _told(row: Optional[Dict[str, Any]], words: Any) -> Dict[str, Any]:
    answer = dict.fromkeys(words, row is not None)
    if row is None:
        return {**answer, "changed": False, "msg": "Server is not configured as %s" % words[0][3:].lower()}
    return {**typed(row), **answer, "changed": False, "queries": []}


def _who(call: Call, client: Client) -> str:
    new = "REPLICA" if _new(client) else "SLAVE"
    return (
        "%s %s" % (new, value(call["connection_name"])) if client.maria and call["connection_name"] else new
    )


def _simple(call: Call, client: Client, mode: str) -> str:
    channel = " FOR CHANNEL " + value(call["channel"]) if call["channel"] else ""
    if mode == "resetprimary":
        return "RESET MASTER"
    verb = {"startreplica": "START", "stopreplica": "STOP"}.get(mode, "RESET")
    return "%s %s%s%s" % (verb, _who(call, client), " ALL" if mode == "resetreplicaall" else "", channel)


def _change(call: Call, client: Client) -> Any:
    prefix = "SOURCE" if _new(client) else "MASTER"
    parts: List[str] = []
    for word in (*_TEXTS, *_NUMBERS):
        found = call.args.get("primary_" + word)
        if found is not None:
            told = value(found) if word in _TEXTS else str(int(found))
            parts.append("%s_%s=%s" % (prefix, word.upper(), told))
    if call["primary_ssl"] is not None:
        parts.append("%s_SSL=%d" % (prefix, call["primary_ssl"]))
    if call["primary_ssl_verify_server_cert"] is not None:
        parts.append("%s_SSL_VERIFY_SERVER_CERT=%d" % (prefix, call["primary_ssl_verify_server_cert"]))
    if call["relay_log_file"] is not None:
        parts.append("RELAY_LOG_FILE=" + value(call["relay_log_file"]))
    if call["relay_log_pos"] is not None:
        parts.append("RELAY_LOG_POS=%d" % call["relay_log_pos"])
    if call["primary_auto_position"]:
        parts.append(prefix + "_AUTO_POSITION=1")
    if call["primary_use_gtid"]:
        wanted = call["primary_use_gtid"]
        gtid = {"disabled": "no", "replica_pos": "slave_pos"}.get(wanted, wanted)
        parts.append("%s_USE_GTID=%s" % (prefix, gtid))
    if not parts:
        raise Failure("changeprimary needs to be told something of the primary")
    name = " " + value(call["connection_name"]) if client.maria and call["connection_name"] else ""
    first = "CHANGE REPLICATION SOURCE TO " if _new(client) else "CHANGE MASTER%s TO " % name
    end = " FOR CHANNEL " + value(call["channel"]) if call["channel"] else ""
    shown = [part.split("=")[0] + "='********'" if "PASSWORD" in part else part for part in parts]
    return first + ", ".join(parts) + end, first + ", ".join(shown) + end


MODULE = MysqlReplication
