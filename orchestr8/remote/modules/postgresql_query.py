"""postgresql_query: asks PostgreSQL, or tells it."""

import re
from typing import Any, Dict

from orchestr8.remote.module import Arg, Call, Module
from orchestr8.remote.postgres_client import LOGIN, Client, name, value
from orchestr8.remote.sql_values import filled, typed

_READING = ("SELECT", "SHOW", "EXPLAIN", "VALUES", "TABLE")


class PostgresqlQuery(Module):
    """Carries out statements; whole numbers in answers are numbers, everything else is text.

    Whatever does not only read is told as a change, since psql does not say how many rows it changed.
    """

    name = "postgresql_query"
    args = dict(
        LOGIN,
        query=Arg("raw", "One statement, or a list of them."),
        positional_args=Arg("list", "Values for each %s in them."),
        named_args=Arg("dict", "Values for each %(name)s in them."),
        login_db=Arg("str", "The database.", default="postgres", aliases=["db"]),
        autocommit=Arg("bool", "Each statement by itself and not all of them or none.", default=False),
        search_path=Arg("list", "Schemas in which names are looked up.", elements="str"),
        encoding=Arg("str", "Taken for compatibility."),
    )
    exclusive = (("positional_args", "named_args"),)

    def run(self, call: Call) -> Dict[str, Any]:
        """Carry them out in one session; check mode takes them back."""
        queries = call["query"] if isinstance(call["query"], list) else [call["query"]]
        given = call["positional_args"] or call["named_args"]
        told = [filled(str(query), given, value) for query in queries]
        client = Client(call, call["login_db"])
        paths = ", ".join(map(name, call["search_path"] or ()))
        first = "SET search_path = " + paths if paths else "SELECT 1"
        if call["autocommit"] and not call.check:
            answers = client.answers(first, *told)[1:]
        else:
            end = "ROLLBACK" if call.check else "COMMIT"
            answers = client.answers("BEGIN", first, *told, end)[2:-1]
        found = [[typed(row) for row in rows] for rows in answers]
        return {
            "changed": any(_changes(each) for each in told),
            "query": told[-1],
            "query_list": told,
            "query_result": found[-1],
            "query_all_results": found,
            "rowcount": sum(len(rows) for rows in found),
            "statusmessage": "",
        }


def _changes(query: str) -> bool:
    match = re.match(r"(?:\s|--[^\n]*\n|\()*([A-Za-z]+)", query)
    return match is None or match.group(1).upper() not in _READING


MODULE = PostgresqlQuery
