"""Privileges of PostgreSQL by kinds of objects: how they are named in statements, and where they are kept."""

from typing import Any, Callable, Dict, List, Sequence

from orchestr8.remote.module import Failure
from orchestr8.remote.postgres_client import dotted, name, value

_CLASS = (
    "SELECT c.relname AS n, c.relacl::text AS a,"
    " (SELECT string_agg(attname || attacl::text, ',' ORDER BY attnum) FROM pg_attribute"
    " WHERE attrelid = c.oid AND attacl IS NOT NULL) AS columns"
    " FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace"
    " WHERE s.nspname = %(schema)s AND c.relkind IN ({})%(those)s ORDER BY 1"
)
_ROUTINES = (
    "SELECT p.oid::regprocedure::text AS n, p.proacl::text AS a FROM pg_proc p"
    " JOIN pg_namespace s ON s.oid = p.pronamespace WHERE s.nspname = %(schema)s ORDER BY 1"
)
_BY_NAME = "SELECT {0}name AS n, {0}acl::text AS a FROM {1} WHERE true%(those)s ORDER BY 1"


class Kind:
    """A kind of objects. word: in GRANT. column: of the name in `kept`, the query for what is granted now."""

    def __init__(self, word: str, column: str, kept: str, *, in_schema: bool = False) -> None:
        self.word, self.column, self.kept, self.in_schema = word, column, kept, in_schema


KINDS: Dict[str, Kind] = {
    "table": Kind("TABLE", "c.relname", _CLASS.format("'r','v','m','f','p'"), in_schema=True),
    "sequence": Kind("SEQUENCE", "c.relname", _CLASS.format("'S'"), in_schema=True),
    "function": Kind("FUNCTION", "", _ROUTINES, in_schema=True),
    "procedure": Kind("PROCEDURE", "", _ROUTINES, in_schema=True),
    "database": Kind("DATABASE", "datname", _BY_NAME.format("dat", "pg_database")),
    "schema": Kind("SCHEMA", "nspname", _BY_NAME.format("nsp", "pg_namespace")),
    "language": Kind("LANGUAGE", "lanname", _BY_NAME.format("lan", "pg_language")),
    "tablespace": Kind("TABLESPACE", "spcname", _BY_NAME.format("spc", "pg_tablespace")),
    "foreign_data_wrapper": Kind(
        "FOREIGN DATA WRAPPER", "fdwname", _BY_NAME.format("fdw", "pg_foreign_data_wrapper")
    ),
    "foreign_server": Kind("FOREIGN SERVER", "srvname", _BY_NAME.format("srv", "pg_foreign_server")),
    "type": Kind("TYPE", "typname", _BY_NAME.format("typ", "pg_type")),
    "group": Kind(
        "",
        "",
        "SELECT r.rolname AS n, m.rolname AS a, g.admin_option AS o FROM pg_auth_members g"
        " JOIN pg_roles r ON r.oid = g.roleid JOIN pg_roles m ON m.oid = g.member ORDER BY 1, 2",
    ),
    "default_privs": Kind(
        "",
        "",
        "SELECT defaclrole AS r, defaclnamespace AS n, defaclobjtype AS t, defaclacl::text AS a"
        " FROM pg_default_acl ORDER BY 1, 2, 3",
    ),
}
_PLURALS = {"table": "TABLES", "sequence": "SEQUENCES", "function": "FUNCTIONS", "procedure": "PROCEDURES"}
_DEFAULTS = ("TABLES", "SEQUENCES", "FUNCTIONS", "TYPES", "SCHEMAS")


def kept(kind: Kind, schema: str, objects: Sequence[str]) -> str:
    """Return the query for what is granted now on objects; all of the schema's when none is named."""
    from orchestr8.remote.sql_values import filled

    those = (
        " AND %s IN (%s)" % (kind.column, ", ".join(map(value, objects))) if kind.column and objects else ""
    )
    return filled(kind.kept.replace("%(those)s", those), {"schema": schema}, value)


def named(what: str, kind: Kind, schema: str, objects: Sequence[str]) -> str:
    """Return objects as GRANT names them."""
    if list(objects) == ["ALL_IN_SCHEMA"]:
        if what not in _PLURALS:
            raise Failure("ALL_IN_SCHEMA is only for tables, sequences, functions and procedures")
        return "ALL %s IN SCHEMA %s" % (_PLURALS[what], name(schema))
    quote: Callable[[str], str] = _routine if what in ("function", "procedure") else name
    told = ["%s.%s" % (name(schema), quote(each)) if kind.in_schema else quote(each) for each in objects]
    return "%s %s" % (kind.word, ", ".join(told))


def _routine(word: str) -> str:
    """Return a routine with the types of its arguments, which are separated by colons or commas."""
    bare, bracket, types = word.partition("(")
    if not bracket:
        return name(bare)
    listed = [each.strip() for each in types.rstrip(")").replace(":", ",").split(",") if each.strip()]
    for each in listed:
        if not all(letter.isalnum() or letter in ' _."[]' for letter in each):
            raise Failure("%r is no type of an argument" % each)
    return "%s(%s)" % (name(bare), ", ".join(listed))


def default_targets(objects: Sequence[str]) -> List[str]:
    """Return the kinds of objects that default privileges are about."""
    if list(objects) in (["ALL_DEFAULT"], []):
        return ["TABLES", "SEQUENCES", "TYPES", "FUNCTIONS"]
    for each in objects:
        if each.upper() not in _DEFAULTS:
            raise Failure("default privileges are for %s, not for %s" % (", ".join(_DEFAULTS), each))
    return [each.upper() for each in objects]


def privileges(words: Sequence[str]) -> str:
    """Return privileges as GRANT takes them; those on columns have them in brackets."""
    told = []
    for word in words:
        bare, bracket, columns = word.strip().partition("(")
        if not bare.strip() or not all(letter.isalpha() or letter in " _" for letter in bare):
            raise Failure("Invalid privileges specified: %s" % word)
        inner = ", ".join(dotted(each.strip()) for each in columns.rstrip(") ").split(",")) if bracket else ""
        told.append(" ".join(bare.upper().replace("_", " ").split()) + (" (%s)" % inner if inner else ""))
    return ", ".join(told)


def to(roles: Sequence[str]) -> str:
    """Return roles as GRANT takes them."""
    return ", ".join("PUBLIC" if role.upper() == "PUBLIC" else name(role) for role in roles)


def counted(answer: Any) -> Any:
    """Return what a query of `kept` answered, so that answers can be compared."""
    return [tuple(sorted((key, each) for key, each in row.items())) for row in answer]
