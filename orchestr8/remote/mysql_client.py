"""MySQL and MariaDB by their own client program: statements on its standard input, rows back as XML."""

import os
import re
from typing import Any, Dict, List, Mapping, Optional, Sequence

from orchestr8.remote.module import Arg, Call, Failure
from orchestr8.remote.process import run, text
from orchestr8.remote.programs import found
from orchestr8.remote.sql_values import filled

LOGIN: Dict[str, Arg] = {
    "login_user": Arg("str", "As whom to log in."),
    "login_password": Arg("str", "With which password.", secret=True),
    "login_host": Arg("str", "Where the server is.", default="localhost"),
    "login_port": Arg("int", "Its port.", default=3306),
    "login_unix_socket": Arg("str", "Its socket."),
    "config_file": Arg("path", "Settings of the client, the ones above count more.", default="~/.my.cnf"),
    "connect_timeout": Arg("int", "Seconds to wait for the server.", default=30),
    "ca_cert": Arg("path", "Certificate of who signed the server's.", aliases=["ssl_ca"]),
    "client_cert": Arg("path", "Our own certificate.", aliases=["ssl_cert"]),
    "client_key": Arg("path", "Its key.", aliases=["ssl_key"]),
    "check_hostname": Arg("bool", "Compare the server's certificate with its name."),
}
_GLOBAL = "/etc/mysql/my.cnf"
_PLAIN = "SET SESSION sql_mode = REPLACE(REPLACE(@@sql_mode, 'NO_BACKSLASH_ESCAPES', ''), 'ANSI_QUOTES', '');"
_AWAY = "unable to connect to database, check that login_user and login_password are right: %s"
_NO_WAY = (1044, 1045, 2002, 2003, 2005)
_ERROR = re.compile(r"ERROR (\d+) \(\w+\)(?: at line \d+)?: (.*)", re.DOTALL)


class Refused(Failure):
    """The server refused a statement; `number` is its own, 0 when the client could not even ask."""

    def __init__(self, said: str) -> None:
        match = _ERROR.search(said)
        self.number = int(match.group(1)) if match else 0
        told = "(%d, '%s')" % (self.number, match.group(2).strip()) if match else said
        Failure.__init__(self, _AWAY % told if self.number in _NO_WAY or not match else told)


class Client:
    """A server that is asked by the client program; executed: what changed something, secrets left out."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self._program = found("mysql") or found("mariadb")
        if self._program is None:
            raise Failure("neither mysql nor mariadb is installed: the package default-mysql-client has it")
        self.executed: List[str] = []
        self._first: List[str] = [_PLAIN]
        self._version = ""

    def prepare(self, session: Mapping[str, Any], *, log: bool) -> None:
        """Set variables of every session, and whether changes are written to the binary log."""
        self._first += [] if log else ["SET SQL_LOG_BIN = 0;"]
        self._first += ["SET SESSION %s = %s;" % (name(key), value(each)) for key, each in session.items()]

    def as_user(self, user: str, password: str) -> "Client":
        """Return the same server as another user sees it."""
        import copy

        other = copy.copy(self._call)
        other.args = dict(self._call.args, login_user=user, login_password=password, config_file=None)
        return Client(other)

    def rows(self, statement: str, *given: Any, database: Optional[str] = None) -> List[Dict[str, Any]]:
        """Return the rows of a query, `given` for each %s: values as text, None for NULL."""
        import xml.etree.ElementTree as ET

        data = self._asked([filled(statement, list(given), value)], database)
        if not data.strip():
            return []
        try:
            root = ET.fromstring(_without_noise(data))  # noqa: S314
        except ET.ParseError as error:
            raise Failure("cannot read what the client wrote: %s" % error) from None
        return [_row(each) for each in root.iter("row")]

    def change(self, *statements: str, shown: Sequence[str] = (), database: Optional[str] = None) -> None:
        """Carry out statements; `shown` stands for them where they hold secrets."""
        self.executed += shown or statements
        if not self._call.check:
            self._asked(statements, database)

    @property
    def version(self) -> str:
        """What the server says of its version."""
        if not self._version:
            self._version = str(self.rows("SELECT VERSION() AS v")[0]["v"])
        return self._version

    @property
    def maria(self) -> bool:
        """Whether it is MariaDB."""
        return "mariadb" in self.version.lower()

    @property
    def number(self) -> Sequence[int]:
        """The version as numbers."""
        match = re.match(r"(?:5\.5\.5-)?(\d+)\.(\d+)(?:\.(\d+))?", self.version)
        return tuple(int(part or 0) for part in match.groups()) if match else (0, 0, 0)

    def _asked(self, statements: Sequence[str], database: Optional[str]) -> str:
        argv, close = self.command("--xml", "--default-character-set=utf8mb4")
        lines = [*self._first, *(["USE %s;" % name(database)] if database else [])]
        lines += [each.rstrip(";") + ";" for each in statements]
        try:
            done = run([*argv], stdin=_bytes("\n".join(lines)), parse=True, timeout=self._call.timeout)
        finally:
            close()
        if done.rc:
            raise Refused(text(done.stderr).strip())
        return text(done.stdout)

    def command(self, *options: str, program: Optional[str] = None) -> Any:
        """Return words that start a client program, and what removes its file of settings afterwards."""
        import tempfile

        handle, path = tempfile.mkstemp(prefix=".o8-", suffix=".cnf")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write("\n".join(_settings(self._call)) + "\n")
        return [program or self._program, "--defaults-file=" + path, *options], lambda: os.unlink(path)


def _settings(call: Call) -> List[str]:
    """Return a file of settings: those of the host and of the user, and what the task says over them."""
    lines = ["!include " + path for path in (_GLOBAL, call["config_file"]) if path and os.path.isfile(path)]
    socket = call["login_unix_socket"]
    local = call["login_host"] in (None, "localhost")
    values = {
        "user": call["login_user"],
        "password": call["login_password"],
        "host": None if local else call["login_host"],
        "port": None if local and call["login_port"] == 3306 else call["login_port"],
        "socket": socket,
        "protocol": "tcp" if local and not socket and call["login_port"] != 3306 else None,
        "loose-connect-timeout": call["connect_timeout"],
        "ssl-ca": call["ca_cert"],
        "ssl-cert": call["client_cert"],
        "ssl-key": call["client_key"],
        "ssl-verify-server-cert": "1" if call["check_hostname"] else None,
    }
    return [*lines, "[client]", *("%s=%s" % (k, _setting(v)) for k, v in values.items() if v is not None)]


def _setting(value: Any) -> str:
    words = str(value)
    if "\n" in words or "\0" in words:
        raise Failure("a setting of the client holds no line feed")
    return '"%s"' % words.replace("\\", "\\\\").replace('"', '\\"')


def _bytes(words: str) -> bytes:
    return words.encode("utf-8", "surrogateescape")


def _without_noise(data: str) -> str:
    """Return the last result set: each statement has a document of its own."""
    return data[data.rindex("<?xml") :] if "<?xml" in data else data


def _row(node: Any) -> Dict[str, Any]:
    nil = "{http://www.w3.org/2001/XMLSchema-instance}nil"
    return {
        each.get("name"): None if each.get(nil) == "true" else (each.text or "")
        for each in node.iter("field")
    }


def name(word: str) -> str:
    """Return a name as statements take it: `db`.`table` part by part, quoted by the server's rule."""
    if "\0" in word:
        raise Failure("a name holds no NUL")
    return "`%s`" % word.replace("`", "``")


def value(words: Any) -> str:
    """Return a text as statements take it."""
    told = str(words).replace("\\", "\\\\").replace("'", "''").replace("\0", "\\0")
    return "'%s'" % told


def account(user: str, host: str) -> str:
    """Return a user as statements take it."""
    return "%s@%s" % (value(user), value(host))
