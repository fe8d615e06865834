"""Asks a real ansible-inventory what it makes of the cases; run by an interpreter that has ansible-core.

`python reference.py` prints one JSON object: case → {exit, list, export, graph, unparsed}. `--write` puts
each answer into its case's `expected.json`. One process loads ansible-core and forks for every question.
"""

from __future__ import annotations

import json
import os
import re
import runpy
import shlex
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

CASES = Path(__file__).parent / "cases"
QUESTIONS = {
    "list": ("--list",),
    "export": ("--list", "--export"),
    "yaml": ("--list", "--yaml"),
    "graph": ("--graph", "--vars"),
}
_UNPARSED = re.compile(r"Unable to parse (\S+) as an inventory\s+source")


def arguments(case: Path) -> list[str]:
    """Return the command line of a case without the question."""
    given = case / "arguments"
    if given.exists():
        return shlex.split(given.read_text("utf-8"))
    return ["-i", next(case.glob("inventory*")).name]


def ask(case: Path, question: tuple[str, ...]) -> tuple[int, str, str]:
    """Return the exit status and both streams of one call."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = os.fork()
        if child == 0:
            os.chdir(case)
            os.dup2(out.fileno(), 1)
            os.dup2(err.fileno(), 2)
            sys.argv = ["ansible-inventory", *arguments(case), *question]
            runpy.run_module("ansible.cli.inventory", run_name="__main__", alter_sys=False)
            sys.stdout.flush()
            os._exit(0)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        out.seek(0)
        err.seek(0)
        return status, out.read().decode(), err.read().decode()


def answer(case: Path) -> dict[str, object]:
    """Return everything the reference says of a case."""
    found: dict[str, object] = {}
    for name, question in QUESTIONS.items():
        status, out, err = ask(case, question)
        if name == "list":
            found["exit"] = status
            unparsed = {os.path.relpath(path, case) for path in _UNPARSED.findall(err)}
            found["unparsed"] = sorted(unparsed)
        found[name] = (
            (json.loads(out) if out.startswith("{") else None) if name in ("list", "export") else out
        )
    return found


def answers(names: list[str]) -> Iterator[tuple[Path, dict[str, object]]]:
    """Yield the answers of the cases with these names, or of all."""
    for case in sorted(CASES.iterdir()):
        if not names or case.name in names:
            yield case, answer(case)


def main() -> None:
    """Print or write the answers."""
    names = [each for each in sys.argv[1:] if not each.startswith("-")]
    write = "--write" in sys.argv
    found = {}
    for case, each in answers(names):
        found[case.name] = each
        if write:
            text = json.dumps(each, indent=1, sort_keys=True, ensure_ascii=False)
            (case / "expected.json").write_text(text + "\n", "utf-8")
    if not write:
        sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    import ansible.cli.inventory
    import ansible.inventory.manager
    import ansible.plugins.inventory.ini
    import ansible.template  # noqa: F401 -- loaded once, before any fork

    os.environ.setdefault("ANSIBLE_NOCOLOR", "1")
    main()
