"""mysql_variables: global variables of MySQL and MariaDB."""

import re
from typing import Any, Dict

from orchestr8.remote.module import Arg, Call, Failure, Module
from orchestr8.remote.mysql_client import LOGIN, Client, name, value

_MODES = ("global", "persist", "persist_only")
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?\Z")
_WORDS = {"ON": "1", "OFF": "0", "TRUE": "1", "FALSE": "0"}


class MysqlVariables(Module):
    """Reads a global variable, or sets it until the server ends, or for good where MySQL 8 can."""

    name = "mysql_variables"
    args = dict(
        LOGIN,
        variable=Arg("str", "The variable.", required=True),
        value=Arg("str", "What it is to be; without it, it is only read."),
        mode=Arg(
            "str", "How long it lasts.", default="global", choices=["global", "persist", "persist_only"]
        ),
    )

    def run(self, call: Call) -> Dict[str, Any]:
        """Compare and set."""
        wanted, variable = call["value"], call["variable"]
        if not re.match(r"[0-9A-Za-z_.]+\Z", variable):
            raise Failure("invalid variable name %r" % variable)
        client = Client(call)
        rows = client.rows("SHOW GLOBAL VARIABLES WHERE Variable_name = %s", variable)
        if not rows:
            raise Failure("Variable not available %r" % variable, changed=False)
        now = rows[0]["Value"] or ""
        if wanted is None:
            return {"changed": False, "msg": now}
        if _same(now, wanted):
            return {"changed": False, "msg": "Variable is already set to requested value.", "queries": []}
        told = wanted if _NUMBER.match(wanted) or wanted.upper() in _WORDS else value(wanted)
        scope = call["mode"].upper()
        client.change("SET %s %s = %s" % (scope, ".".join(map(name, variable.split("."))), told))
        return {
            "changed": True,
            "msg": "Variable change succeeded prev_value=%s" % now,
            "queries": client.executed,
        }


def _same(now: str, wanted: str) -> bool:
    one, other = (_WORDS.get(each.upper(), each) for each in (now, wanted))
    if _NUMBER.match(one) and _NUMBER.match(other):
        return float(one) == float(other)
    return one == other


MODULE = MysqlVariables
