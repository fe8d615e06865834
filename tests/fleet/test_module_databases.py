"""Modules for databases on real servers: MariaDB and PostgreSQL, as Debian packages them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from tests.bed import Fleet
from tests.bed.debian import SUITE, mirror
from tests.module_host import Run, calling, twice, witness

pytestmark = pytest.mark.fleet

HOST = "h4"
LIST = "/etc/apt/sources.list.d/databases.list"
HARD = "pa'ss\\wörd:x\"`$;#%s"


@pytest.fixture(scope="module")
def run(fleet: Fleet, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    host = witness(fleet.host(HOST), tmp_path_factory.mktemp("ssh"))
    with calling(fleet.host(HOST), timeout=240) as call:
        place = mirror()
        if not place:
            pytest.skip("this machine's apt has no mirror of Debian")
        host.run(f"echo deb {place[0]} {SUITE} main > {LIST}")
        found = call(
            "apt", name=["mariadb-server", "postgresql"], update_cache=True, install_recommends=False
        )
        host.run(f"rm -f {LIST}")
        if found.get("failed"):
            pytest.skip(f"the servers cannot be had: {found['msg'][:200]}")
        host.check_output("sh -c 'service mariadb start; service postgresql start; chmod 755 /root'")
        host.check_output("sh -c 'for n in 1 2 3 4 5 6 7 8 9; do mysqladmin ping && break; sleep 1; done'")
        trust = "sed -i '1ilocal all postgres trust' /etc/postgresql/15/main/pg_hba.conf"
        host.check_output(f'sh -c "{trust}; service postgresql reload"')
        yield call
        host.run("service mariadb stop; service postgresql stop")


def test_a_database_and_a_user_of_mariadb(run: Run) -> None:
    twice(run, "mysql_db", name=["o8 app"], encoding="utf8mb4")
    anna = {"name": "o8-anna", "host": "%"}
    created = twice(run, "mysql_user", **anna, password=HARD, priv="o8 app.*:ALL/*.*:PROCESS")
    assert (created["msg"], created["password_changed"]) == ("User added", True)
    login = {"login_user": "o8-anna", "login_password": HARD, "config_file": ""}
    who = run("mysql_query", query="SELECT CURRENT_USER() AS u, 1 AS n, NULL AS x", **login)
    assert who["query_result"] == [[{"u": "o8-anna@%", "n": 1, "x": None}]]
    twice(
        run, "mysql_user", **anna, priv="o8 app.*:SELECT,INSERT", resource_limits={"MAX_USER_CONNECTIONS": 3}
    )
    twice(run, "mysql_user", **anna, password="another", tls_requires={})
    for word in ("never", "default", "now"):
        twice(run, "mysql_user", **anna, password_expire=word)
    twice(run, "mysql_user", **anna, password_expire="interval", password_expire_interval=90)
    refused = run("mysql_query", query="SELECT 1", **login)
    assert refused["failed"]
    assert "Access denied" in refused["msg"]
    assert HARD not in str(refused)
    twice(run, "mysql_user", name="o8-anna", host_all=True, state="absent")
    # Root gets in by the socket whatever the password, which is no reason to take it for the wanted one.
    root = {"name": "o8-root", "host": "localhost"}
    twice(run, "mysql_user", **root, plugin="unix_socket")
    twice(run, "mysql_user", **root, password=HARD)
    twice(run, "mysql_user", **root, state="absent")


def test_statements_dumps_and_variables_of_mariadb(run: Run) -> None:
    run("mysql_db", name=["o8 app"])
    told = run(
        "mysql_query",
        login_db="o8 app",
        query=[
            "CREATE TABLE IF NOT EXISTS t (a int, b text)",
            "INSERT INTO t VALUES (%s, %s)",
            "SELECT * FROM t",
        ],
        positional_args=[3, HARD],
    )
    assert told["query_result"][2] == [{"a": 3, "b": HARD}]
    assert told["rowcount"] == [0, 1, 1]
    dump = {"target": "/root/o8-dump.sql.gz"}
    assert run("mysql_db", name=["o8 app"], state="dump", **dump)["changed"] is True
    assert run("mysql_db", name=["o8 copy"], state="import", **dump)["changed"] is True
    copied = run("mysql_query", query="SELECT b FROM t", login_db="o8 copy")
    assert copied["query_result"] == [[{"b": HARD}]]
    twice(run, "mysql_variables", variable="max_connections", value="77")
    found = run("mysql_info", filter=["version", "databases"])
    assert found["server_engine"] == "MariaDB"
    assert found["version"]["major"] >= 10
    assert found["databases"]["o8 copy"]["size"] > 0
    twice(run, "mysql_db", name=["o8 app", "o8 copy"], state="absent")


def test_a_replica_of_mariadb(run: Run) -> None:
    assert run("mysql_replication", mode="getreplica")["Is_Replica"] is False
    primary = {"primary_host": "192.0.2.1", "primary_user": "rep", "primary_password": HARD}
    changed = run("mysql_replication", mode="changeprimary", **primary, primary_port=3307)
    assert changed["changed"] is True, changed
    assert HARD not in str(changed)
    found = run("mysql_replication", mode="getreplica")
    assert (found["Is_Replica"], found["Master_Host"], found["Master_Port"]) == (True, "192.0.2.1", 3307)
    assert run("mysql_replication", mode="resetreplicaall")["changed"] is True
    assert run("mysql_replication", mode="getreplica")["Is_Replica"] is False


@pytest.fixture
def ask(run: Run) -> Run:
    return partial(run, login_unix_socket="/var/run/postgresql")


def test_users_and_databases_of_postgresql(ask: Run) -> None:
    anna: dict[str, Any] = {"name": 'o8 "anna"', "password": HARD, "role_attr_flags": "CREATEDB,NOSUPERUSER"}
    created = twice(
        ask, "postgresql_user", **anna, conn_limit=7, comment="it's", configuration={"work_mem": "8MB"}
    )
    assert HARD not in str(created)
    login = {"login_user": 'o8 "anna"', "login_password": HARD, "login_host": "127.0.0.1"}
    pinged = ask("postgresql_ping", **login)
    assert pinged["is_available"] is True, pinged
    twice(ask, "postgresql_user", name='o8 "anna"', password="another")
    assert ask("postgresql_ping", **login)["is_available"] is False
    locale = {"lc_collate": "C.UTF-8", "lc_ctype": "C.UTF-8", "template": "template0"}
    twice(ask, "postgresql_db", name="o8 db", owner='o8 "anna"', encoding="UTF-8", **locale)
    other = ask("postgresql_db", name="o8 db", encoding="LATIN1")
    assert other["msg"] == "Changing database encoding is not supported. Current encoding: UTF8"
    twice(ask, "postgresql_schema", name="s", db="o8 db", owner='o8 "anna"')
    assert ask("postgresql_ext", name="plpgsql", db="o8 db")["changed"] is False
    twice(ask, "postgresql_set", name="work_mem", value="9MB")
    twice(ask, "postgresql_set", name="work_mem", reset=True)


def test_privileges_and_dumps_of_postgresql(ask: Run) -> None:
    ask("postgresql_db", name="o8 db")
    ask("postgresql_user", name="o8-bob")
    insert = [
        "CREATE SCHEMA IF NOT EXISTS s",
        "CREATE TABLE s.t (a int, b text)",
        "INSERT INTO s.t VALUES (%s, %s)",
    ]
    told = ask("postgresql_query", db="o8 db", query=[*insert, "TABLE s.t"], positional_args=[3, HARD])
    assert told["query_result"] == [{"a": 3, "b": HARD}]
    on: dict[str, Any] = {"db": "o8 db", "roles": "o8-bob"}
    twice(ask, "postgresql_privs", **on, schema="s", objs="t", privs="SELECT,UPDATE(b)")
    twice(ask, "postgresql_privs", **on, type="schema", objs="s", privs="USAGE")
    twice(ask, "postgresql_privs", **on, type="database", privs="ALL")
    twice(ask, "postgresql_privs", **on, type="default_privs", schema="s", objs="TABLES", privs="SELECT")
    twice(ask, "postgresql_privs", **on, type="group", objs="pg_monitor")
    twice(ask, "postgresql_privs", **on, type="group", objs="pg_monitor", state="absent")
    gone = ask("postgresql_privs", db="o8 db", roles="nobody", schema="s", objs="t", privs="SELECT")
    assert gone["msg"] == "Role 'nobody' does not exist"
    for ending in ("sql.xz", "pgc"):
        dump = {"target": f"/root/o8-pg.{ending}"}
        assert ask("postgresql_db", name="o8 db", state="dump", **dump)["changed"] is True
        assert ask("postgresql_db", name="o8 copy", state="restore", **dump)["changed"] is True
        copied = ask("postgresql_query", db="o8 copy", query="SELECT b FROM s.t")
        assert copied["query_result"] == [{"b": HARD}]
        twice(ask, "postgresql_db", name="o8 copy", state="absent")
    twice(ask, "postgresql_db", name="o8 db", state="absent")
    twice(ask, "postgresql_user", name="o8-bob", state="absent")
