"""mysql_query: asks MySQL and MariaDB, or tells them."""

import re
from typing import Any, Dict, List, Tuple

from orchestr8.remote.module import Arg, Call, Failure, Module
from orchestr8.remote.mysql_client import LOGIN, Client, Refused, value
from orchestr8.remote.sql_values import filled, typed

_COUNTED = ("INSERT", "UPDATE", "DELETE", "REPLACE")
_CHANGING = ("CREATE", "DROP", "ALTER", "RENAME", "TRUNCATE")
_EXISTS = (1007, 1008, 1050, 1051)


class MysqlQuery(Module):
    """Carries out statements; whole numbers in answers are numbers, everything else is text."""

    name = "mysql_query"
    args = dict(
        LOGIN,
        query=Arg("raw", "One statement, or a list of them.", required=True),
        positional_args=Arg("list", "Values for each %s in them."),
        named_args=Arg("dict", "Values for each %(name)s in them."),
        login_db=Arg("str", "The database they are about."),
        single_transaction=Arg("bool", "All of them or none.", default=False),
        session_vars=Arg("dict", "Variables of the session."),
    )
    exclusive = (("positional_args", "named_args"),)
    check_mode = False

    def run(self, call: Call) -> Dict[str, Any]:
        """Carry them out in one session each, or all in one."""
        queries = call["query"] if isinstance(call["query"], list) else [call["query"]]
        given = call["positional_args"] or call["named_args"]
        told = [filled(str(query), given, value) for query in queries]
        client = Client(call)
        client.prepare(call["session_vars"] or {}, log=True)
        if call["single_transaction"]:
            return _result(told, _together(client, told, call["login_db"]))
        return _result(told, [_one(client, each, call["login_db"]) for each in told])


def _word(query: str) -> str:
    match = re.match(r"[\s(]*([A-Za-z]+)", query)
    return match.group(1).upper() if match else ""


def _one(client: Client, query: str, database: Any) -> Tuple[List[Dict[str, Any]], int, bool]:
    """Return the rows of a statement, how many it is about, and whether it changed something."""
    word = _word(query)
    try:
        if word in _COUNTED:
            rows = client.rows(query.rstrip().rstrip(";") + ";\nSELECT ROW_COUNT() AS n", database=database)
            count = int(rows[0]["n"]) if rows else 0
            return [], count, count > 0
        rows = client.rows(query, database=database)
    except Refused as error:
        if error.number in _EXISTS and re.search(r"\bIF\s+(NOT\s+)?EXISTS\b", query, re.IGNORECASE):
            return [], 0, False
        raise Failure("Cannot execute SQL '%s' args [None]: %s" % (query, error.msg)) from None
    return rows, len(rows), word in _CHANGING


def _together(client: Client, queries: List[str], database: Any) -> List[Any]:
    joined = ";\n".join(["START TRANSACTION", *(each.rstrip().rstrip(";") for each in queries), "COMMIT"])
    client.rows(joined, database=database)
    return [([], 0, _word(each) in (*_COUNTED, *_CHANGING)) for each in queries]


def _result(queries: List[str], answers: List[Any]) -> Dict[str, Any]:
    return {
        "changed": any(changed for _, _, changed in answers),
        "executed_queries": queries,
        "query_result": [[typed(row) for row in rows] for rows, _, _ in answers],
        "rowcount": [count for _, count, _ in answers],
        "execution_time_ms": [],
    }


MODULE = MysqlQuery
