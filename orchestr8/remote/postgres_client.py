"""PostgreSQL by its own client program psql: statements on its standard input, rows back as CSV."""

import re
from typing import Any, Dict, List, Optional, Sequence

from orchestr8.remote.module import Arg, Call, Failure
from orchestr8.remote.process import Finished, run, text
from orchestr8.remote.programs import found
from orchestr8.remote.sql_values import filled

LOGIN: Dict[str, Arg] = {
    "login_user": Arg("str", "As whom to log in.", default="postgres", aliases=["login"]),
    "login_password": Arg("str", "With which password.", default="", secret=True),
    "login_host": Arg("str", "Where the server is; its socket without one.", default="", aliases=["host"]),
    "login_unix_socket": Arg("str", "Folder of the socket.", default="", aliases=["unix_socket"]),
    "login_port": Arg("int", "Its port.", default=5432, aliases=["port"]),
    "ssl_mode": Arg(
        "str",
        "How much TLS is asked for.",
        default="prefer",
        choices=["allow", "disable", "prefer", "require", "verify-ca", "verify-full"],
    ),
    "ca_cert": Arg("path", "Certificate of who signed the server's.", aliases=["ssl_rootcert"]),
    "ssl_cert": Arg("path", "Our own certificate."),
    "ssl_key": Arg("path", "Its key."),
    "connect_params": Arg("dict", "Taken for compatibility.", default={}),
    "session_role": Arg("str", "The role to take on after logging in."),
    "trust_input": Arg("bool", "Taken for compatibility: names and values are always quoted.", default=True),
}
_NULL = "o8-null-5f1c7e"
_NEXT = "o8-next-5f1c7e"
_ERROR = re.compile(r"(?:psql:<stdin>:\d+: )?(?:ERROR|FATAL):\s+(.*)", re.DOTALL)
_FOLDERS = ("/usr/lib/postgresql", "/usr/pgsql")


class Client:
    """A server that is asked by psql; executed: what changed something, secrets left out."""

    def __init__(self, call: Call, database: str) -> None:
        self._call = call
        self._database = database
        self._program = program("psql")
        self.executed: List[str] = []

    def rows(self, statement: str, *given: Any) -> List[Dict[str, Any]]:
        """Return the rows of a query, `given` for each %s: values as text, None for NULL."""
        return self.answers(filled(statement, list(given), value))[0]

    def answers(self, *statements: str) -> List[List[Dict[str, Any]]]:
        """Return the rows of each of several statements carried out in one session."""
        separated = ("\n\\echo %s\n" % _NEXT).join(each.rstrip().rstrip(";") + ";" for each in statements)
        out = self._asked(separated)
        return [_rows(part) for part in re.split(r"(?m)^%s\n" % _NEXT, out)]

    def change(self, *statements: str, shown: Sequence[str] = ()) -> None:
        """Carry out statements; `shown` stands for them where they hold secrets."""
        self.executed += shown or statements
        if not self._call.check:
            self._asked("\n".join(each.rstrip(";") + ";" for each in statements))

    def _asked(self, words: str) -> str:
        first = ["SET standard_conforming_strings = on;"]
        role = self._call.args.get("session_role")
        first += ["SET ROLE %s;" % name(role)] if role else []
        options = ["--no-psqlrc", "--quiet", "--csv", "--pset=null=" + _NULL, "--set=ON_ERROR_STOP=1"]
        done = self.run([self._program, *options, "--file=-"], "\n".join([*first, words, ""]))
        if done.rc:
            said = text(done.stderr).strip()
            match = _ERROR.search(said)
            reached = done.rc != 2 or match is None
            told = match.group(1).strip() if match and done.rc == 3 else said
            raise Failure(told if reached and done.rc == 3 else "unable to connect to database: " + told)
        return text(done.stdout)

    def run(self, argv: Sequence[str], words: str = "") -> Finished:
        """Run a client program with the way to the server in its environment."""
        data = words.encode("utf-8", "surrogateescape")
        environ = dict(self._call.environ, **_way(self._call, self._database))
        return run([*argv], stdin=data, cwd="/", parse=True, environ=environ, timeout=self._call.timeout)


def program(word: str) -> str:
    """Return the path of a client program; Debian keeps those of each version in a folder of their own."""
    import glob

    versions = sorted(path for root in _FOLDERS for path in glob.glob(root + "*/*/bin"))
    path = found(word, []) or found(word, versions[::-1])
    if path is None:
        raise Failure("%s is not installed: the package postgresql-client has it" % word)
    return path


def _way(call: Call, database: str) -> Dict[str, str]:
    local = call["login_host"] in (None, "", "localhost")
    values = {
        "PGHOST": call["login_unix_socket"] if local and call["login_unix_socket"] else call["login_host"],
        "PGPORT": str(call["login_port"]),
        "PGUSER": call["login_user"],
        "PGPASSWORD": call["login_password"],
        "PGDATABASE": database,
        "PGSSLMODE": call["ssl_mode"],
        "PGSSLROOTCERT": call["ca_cert"],
        "PGSSLCERT": call["ssl_cert"],
        "PGSSLKEY": call["ssl_key"],
        "PGCLIENTENCODING": "UTF8",
        "PGAPPNAME": "orchestr8",
    }
    return {key: str(each) for key, each in values.items() if each}


def _rows(words: str) -> List[Dict[str, Any]]:
    import csv
    import io

    lines = list(csv.reader(io.StringIO(words)))
    return [dict(zip(lines[0], (None if each == _NULL else each for each in line))) for line in lines[1:]]  # noqa: B905


def name(word: str) -> str:
    """Return a name as statements take it, quoted by the server's rule."""
    if "\0" in word or not word:
        raise Failure("%r is no name" % word)
    return '"%s"' % word.replace('"', '""')


def dotted(word: str) -> str:
    """Return a name that may have the schema before it, each part quoted unless it is already."""
    parts = re.findall(r'"(?:[^"]|"")+"|[^."]+', word)
    return ".".join(part if part.startswith('"') else name(part) for part in parts)


def value(words: Any) -> str:
    """Return a text as statements take it."""
    told = str(words)
    if "\0" in told:
        raise Failure("a value holds no NUL")
    return "'%s'" % told.replace("'", "''")


def one(rows: Sequence[Dict[str, Any]]) -> Optional[Dict[str, Any]]:
    """Return the only row, or None."""
    return rows[0] if rows else None
