"""postgresql_ping: whether a server of PostgreSQL answers."""

import re
from typing import Any, Dict

from orchestr8.remote.module import Arg, Call, Failure, Module
from orchestr8.remote.postgres_client import LOGIN, Client


class PostgresqlPing(Module):
    """Tells whether a server of PostgreSQL answers, and its version."""

    name = "postgresql_ping"
    args = dict(LOGIN, login_db=Arg("str", "The database.", default="postgres", aliases=["db"]))

    def run(self, call: Call) -> Dict[str, Any]:
        """Ask for the version; a server that does not answer is no failure."""
        try:
            full = Client(call, call["login_db"]).rows("SHOW server_version")[0]["server_version"]
        except Failure as failure:
            return {
                "changed": False,
                "is_available": False,
                "server_version": {},
                "conn_err_msg": failure.msg,
            }
        numbers = [int(each) for each in re.findall(r"\d+", full.split()[0])]
        version = {
            "full": full,
            "major": numbers[0],
            "minor": numbers[1] if len(numbers) > 1 else 0,
            "raw": full,
        }
        return {"changed": False, "is_available": True, "server_version": version, "conn_err_msg": ""}


MODULE = PostgresqlPing
