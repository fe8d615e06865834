"""What the modules for databases work out by themselves: privileges, quoting, hashes, values."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestr8.remote import mysql_client, mysql_grants, postgres_client, postgres_privileges
from orchestr8.remote.module import Failure
from orchestr8.remote.modules.mysql_user import native_hash
from orchestr8.remote.postgres_passwords import fits
from orchestr8.remote.sql_values import filled, typed

TEXTS = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), min_size=1)


def granted(now: str, want: Any, way: str = "set") -> list[str]:
    return mysql_grants.statements("u", mysql_grants.wished(now), mysql_grants.wished(want), way)


@pytest.mark.parametrize(
    ("now", "want", "way", "statements"),
    [
        ("a.*:SELECT", "a.*:select", "set", []),
        ("a.*:SELECT", "a.*:SELECT,INSERT", "set", ["GRANT INSERT, SELECT ON `a`.* TO u"]),
        ("a.*:SELECT,INSERT", "a.*:SELECT", "set", ["REVOKE INSERT ON `a`.* FROM u"]),
        ("a.*:SELECT,INSERT", "a.*:SELECT", "append", []),
        ("a.*:SELECT,INSERT", "a.*:SELECT", "subtract", ["REVOKE SELECT ON `a`.* FROM u"]),
        ("a.*:SELECT/b.*:ALL", "a.*:SELECT", "set", ["REVOKE ALL ON `b`.* FROM u"]),
        ("*.*:ALL,GRANT", "*.*:ALL,GRANT", "set", []),
        ("*.*:ALL,GRANT", {"*.*": "ALL"}, "set", ["REVOKE GRANT OPTION ON *.* FROM u"]),
        ("a.*:SELECT", "a.*:ALL PRIVILEGES", "set", ["GRANT ALL ON `a`.* TO u"]),
        ("a.*:ALL", "a.*:SELECT", "set", ["REVOKE ALL ON `a`.* FROM u", "GRANT SELECT ON `a`.* TO u"]),
        ("*.*:USAGE", "*.*:USAGE", "set", []),
        ("*.*:BINLOG MONITOR", "*.*:REPLICATION CLIENT", "set", []),
        ("a.t:SELECT(x, y)", "`a`.`t`:SELECT(y,x)", "set", []),
        ("a.t:SELECT", "a.t:UPDATE(x)", "append", ["GRANT UPDATE (`x`) ON `a`.`t` TO u"]),
        ("*.*:USAGE", "FUNCTION a.f:EXECUTE", "set", ["GRANT EXECUTE ON FUNCTION `a`.`f` TO u"]),
        ("*.*:USAGE", "a.*:SELECT,GRANT", "set", ["GRANT SELECT ON `a`.* TO u WITH GRANT OPTION"]),
    ],
)
def test_only_what_differs_is_granted_or_revoked(
    now: str, want: Any, way: str, statements: list[str]
) -> None:
    assert granted(now, want, way) == statements


@pytest.mark.parametrize("priv", ["a.*", "a.*:SELECT(", "a.*:SELECT;DROP"])
def test_privileges_that_cannot_be_read_are_refused(priv: str) -> None:
    with pytest.raises(Failure):
        mysql_grants.wished(priv)


@given(TEXTS)
def test_a_quoted_text_of_mysql_ends_where_it_ends(words: str) -> None:
    inside = mysql_client.value(words)[1:-1]
    assert inside.replace("\\\\", "").replace("''", "").count("'") == 0
    assert not inside.replace("\\\\", "").replace("\\0", "").endswith("\\")
    assert "`" not in mysql_client.name(words)[1:-1].replace("``", "")


@given(TEXTS)
def test_a_quoted_text_of_postgresql_ends_where_it_ends(words: str) -> None:
    assert "'" not in postgres_client.value(words)[1:-1].replace("''", "")
    assert '"' not in postgres_client.name(words)[1:-1].replace('""', "")


def test_passwords_are_compared_with_what_servers_keep() -> None:
    assert native_hash("password") == "*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19"
    # As PostgreSQL 15 keeps `geheim` of the user `bob`, in both its ways.
    for kept in (
        (
            "SCRAM-SHA-256$4096:/9U9HAFi2JygwYcbjmkPjg==$"
            "W/yQc8SNNFgVtlacF7561o7qQL9T9r9snzitiG04K04=:C7hNu5EpytSREJCHRmrYlDwI8ovfWCmIDYq2wvFGlkQ="
        ),
        "md56b5f4e5f3e3cbcea4ca4b6f3e54a40a9",
    ):
        assert fits("bob", "geheim", kept)
        assert fits("bob", kept, kept)
        assert not fits("bob", "other", kept)
    assert fits("bob", "", None)
    assert not fits("bob", "x", None)
    assert not fits("bob", "x", "nonsense")


def test_values_take_the_places_kept_for_them() -> None:
    quoted = postgres_client.value
    assert filled("a %s %% %s", [None, "x'y"], quoted) == "a NULL % 'x''y'"
    assert filled("%(a)s, %(b)s", {"a": 1, "b": True}, quoted) == "1, TRUE"
    assert filled("IN (%s)", [["a", 2]], quoted) == "IN ('a', 2)"
    assert filled("LIKE '%s'", None, quoted) == "LIKE '%s'"
    with pytest.raises(Failure, match="no value was given for %s"):
        filled("%s %s", [1], quoted)
    assert typed({"a": "5", "b": "007", "c": None, "d": "-1", "e": "1.5"}) == {
        "a": 5,
        "b": "007",
        "c": None,
        "d": -1,
        "e": "1.5",
    }


@pytest.mark.parametrize(
    ("what", "schema", "objects", "named"),
    [
        ("table", "s", ["a b"], 'TABLE "s"."a b"'),
        ("table", "s", ["ALL_IN_SCHEMA"], 'ALL TABLES IN SCHEMA "s"'),
        ("database", "s", ["d"], 'DATABASE "d"'),
        ("function", "s", ["f(int:text)"], 'FUNCTION "s"."f"(int, text)'),
        ("foreign_server", "s", ["x"], 'FOREIGN SERVER "x"'),
    ],
)
def test_objects_are_named_as_grant_takes_them(
    what: str, schema: str, objects: list[str], named: str
) -> None:
    assert postgres_privileges.named(what, postgres_privileges.KINDS[what], schema, objects) == named


@pytest.mark.parametrize("words", [["SELECT; DROP"], [""], ["SELECT'"]])
def test_privileges_hold_nothing_but_words(words: list[str]) -> None:
    with pytest.raises(Failure):
        postgres_privileges.privileges(words)
    assert postgres_privileges.privileges(["select", "update(a, b)"]) == 'SELECT, UPDATE ("a", "b")'
