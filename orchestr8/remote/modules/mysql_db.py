"""mysql_db: databases of MySQL and MariaDB."""

import os
from typing import Any, Dict, List

from orchestr8.remote.module import Arg, Call, Failure, Module
from orchestr8.remote.mysql_client import LOGIN, Client, name, value
from orchestr8.remote.process import run, text
from orchestr8.remote.programs import found
from orchestr8.remote.sql_files import packed, unpacked

_STATES = ("present", "absent", "dump", "import")
_OPTIONS = {
    "single_transaction": "--single-transaction",
    "quick": "--quick",
    "hex_blob": "--hex-blob",
    "skip_lock_tables": "--skip-lock-tables",
    "force": "--force",
}


class MysqlDb(Module):
    """Adds, removes, dumps and reads databases of MySQL and MariaDB, by the client programs on the host."""

    name = "mysql_db"
    args = dict(
        LOGIN,
        name=Arg(
            "list",
            "The databases; all for every one in a dump.",
            required=True,
            elements="str",
            aliases=["db"],
        ),
        state=Arg(
            "str", "What is to be.", default="present", choices=["present", "absent", "dump", "import"]
        ),
        encoding=Arg("str", "Character set of a new database.", default=""),
        collation=Arg("str", "Collation of a new database.", default=""),
        target=Arg("path", "The file of a dump; .gz, .bz2 and .xz are packed."),
        chdir=Arg("path", "Where relative files are."),
        single_transaction=Arg("bool", "Dump in one transaction.", default=False),
        quick=Arg("bool", "Dump row by row.", default=True),
        hex_blob=Arg("bool", "Dump binary data as hexadecimal digits.", default=False),
        skip_lock_tables=Arg("bool", "Dump without locks.", default=False),
        ignore_tables=Arg("list", "Tables to leave out of a dump, as db.table.", elements="str", default=[]),
        force=Arg("bool", "Go on after errors.", default=False),
        master_data=Arg(
            "int",
            "Note the primary's place in a dump: 1 as a statement, 2 as a comment.",
            default=0,
            choices=[0, 1, 2],
        ),
        dump_extra_args=Arg("str", "More options of the program that dumps."),
        check_implicit_admin=Arg("bool", "Taken for compatibility.", default=False),
        config_overrides_defaults=Arg("bool", "Taken for compatibility.", default=False),
        unsafe_login_password=Arg("bool", "Taken for compatibility.", default=False),
        restrict_config_file=Arg("bool", "Taken for compatibility.", default=False),
        use_shell=Arg("bool", "Taken for compatibility: no shell is used.", default=False),
        pipefail=Arg("bool", "Taken for compatibility.", default=False),
        sql_log_bin=Arg("bool", "Write the changes to the binary log.", default=True),
    )
    required_if = (("state", "dump", ("target",)), ("state", "import", ("target",)))

    def run(self, call: Call) -> Dict[str, Any]:
        """Compare and repair, or dump, or read."""
        names = [each for each in call["name"] if each]
        if not names:
            raise Failure("`name` holds no name of a database")
        if "all" in names and call["state"] in ("present", "absent"):
            raise Failure("name=all is only for a dump or an import")
        client = Client(call)
        client.prepare({}, log=call["sql_log_bin"])
        act = {"present": _present, "absent": _absent, "dump": _dump, "import": _import}[call["state"]]
        changed = act(call, client, names)
        return {
            "changed": changed,
            "db": " ".join(names),
            "db_list": names,
            "executed_commands": client.executed,
        }


def _there(client: Client, names: List[str]) -> List[str]:
    query = "SELECT SCHEMA_NAME AS n FROM information_schema.SCHEMATA WHERE SCHEMA_NAME IN (%s)"
    return [row["n"] for row in client.rows(query, names)]


def _present(call: Call, client: Client, names: List[str]) -> bool:
    known = _there(client, names)
    new = [each for each in names if each not in known]
    for each in new:
        words = "CREATE DATABASE " + name(each)
        words += " CHARACTER SET " + value(call["encoding"]) if call["encoding"] else ""
        words += " COLLATE " + value(call["collation"]) if call["collation"] else ""
        client.change(words)
    return bool(new)


def _absent(call: Call, client: Client, names: List[str]) -> bool:
    del call
    old = _there(client, names)
    for each in old:
        client.change("DROP DATABASE " + name(each))
    return bool(old)


def _path(call: Call) -> str:
    return os.path.join(call["chdir"] or "", call["target"])


def _dump(call: Call, client: Client, names: List[str]) -> bool:
    everything = names == ["all"]
    absent = [] if everything else [each for each in names if each not in _there(client, names)]
    if absent:
        raise Failure("Cannot dump database(s) %s - not found" % ", ".join(map(repr, absent)))
    program = found("mysqldump") or found("mariadb-dump")
    if program is None:
        raise Failure("neither mysqldump nor mariadb-dump is installed")
    import shlex

    options = [option for key, option in _OPTIONS.items() if call[key]]
    options += ["--ignore-table=" + each for each in call["ignore_tables"]]
    options += ["--master-data=%d" % call["master_data"]] if call["master_data"] else []
    options += shlex.split(call["dump_extra_args"] or "")
    chosen = ["--all-databases"] if everything else ["--databases", *names] if len(names) > 1 else names
    client.executed.append(" ".join([os.path.basename(program), *options, *chosen]))
    if not call.check:
        with packed(_path(call)) as path:
            argv, close = client.command("--result-file=" + path, *options, *chosen, program=program)
            try:
                done = run(argv, parse=True, timeout=call.timeout)
            finally:
                close()
            if done.rc:
                raise Failure(text(done.stderr).strip(), rc=done.rc)
    return True


def _import(call: Call, client: Client, names: List[str]) -> bool:
    path, everything = _path(call), names == ["all"]
    if not os.path.isfile(path):
        raise Failure("target %s does not exist on the host" % path)
    if not everything and len(names) > 1:
        raise Failure("one database at a time can be read into")
    if not everything:
        _present(call, client, names)
    client.executed.append("source " + path)
    if not call.check:
        options = ["--force"] if call["force"] else []
        options += [] if everything else ["--database=" + names[0]]
        with unpacked(path) as plain:
            argv, close = client.command("--default-character-set=utf8mb4", *options)
            try:
                done = run(argv, stdin=b"source %s\n" % os.fsencode(plain), parse=True, timeout=call.timeout)
            finally:
                close()
        if done.rc or (b"ERROR" in done.stderr and not call["force"]):
            raise Failure(text(done.stderr).strip(), rc=done.rc)
    return True


MODULE = MysqlDb
