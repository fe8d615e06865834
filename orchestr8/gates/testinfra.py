"""A file of tests as a check: pytest-testinfra runs it against the hosts of the new replicas.

Tests run in a process of their own with a deadline. Their commands come back over a socket that only this
user can open, and go to the hosts by the connections that the rollout has already.
"""

from __future__ import annotations

import json
import os
import socketserver
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote

from orchestr8.core.errors import Diagnostic, O8Error
from orchestr8.deploy.gate.expression import Values
from orchestr8.engine.services.gate_port import Question, Reading, Unanswered
from orchestr8.engine.services.ports import Site

_PLUGIN = "orchestr8.gates.testinfra_backend"
_SHOWN = 200
_DECIDED = (0, 1)
"""Exit codes of pytest that say something about the hosts: all passed, some failed."""


def ask_testinfra(question: Question) -> Reading:
    """Return how the tests ended; raise Unanswered when they could not be run."""
    if find_spec("testinfra") is None:
        raise _unanswered("tests need pytest-testinfra beside orchestr8: pip install 'orchestr8[testinfra]'")
    if not question.replicas:
        raise _unanswered("no new replica runs")
    with TemporaryDirectory(prefix="o8-gate-") as folder:
        place = Path(folder)
        file = place / f"test_{Path(question.check.target).stem.removeprefix('test_')}.py"
        file.write_text(question.check.content, "utf-8")
        desk = _Desk({site.name: site for site, _ in question.replicas}, question.check.timeout)
        with _served(place / "socket", desk.answer):
            code = _tested(place, file, question)
        if code not in _DECIDED or desk.passed + len(desk.failed) == 0:
            raise _unanswered(f"the tests could not be run: {_last(place)}")
    values: Values = {"passed": float(desk.passed), "failed": float(len(desk.failed))}
    first = f"; {desk.failed[0][:_SHOWN]}" if desk.failed else ""
    told = f"{desk.passed} tests passed, {len(desk.failed)} failed{first}"
    return Reading((values,), (code == 0,), told)


def _unanswered(message: str) -> Unanswered:
    return Unanswered(Diagnostic("O8-3361", message))


@dataclass(slots=True)
class _Desk:
    """Carries out what tests ask of hosts, and takes their result."""

    sites: Mapping[str, Site]
    timeout: float
    passed: int = 0
    failed: list[str] = field(default_factory=list)

    def answer(self, message: Mapping[str, Any]) -> Mapping[str, Any]:
        if "command" not in message:
            self.passed, self.failed = int(message["passed"]), list(message["failed"])
            return {}
        site = self.sites.get(message["host"])
        if site is None or site.execute is None:
            return {"rc": 255, "stdout": "", "stderr": f"no such host: {message['host']}"}
        try:
            ended = site.execute(("/bin/sh", "-c", str(message["command"])), self.timeout)
        except O8Error as error:
            return {"rc": 255, "stdout": "", "stderr": error.message}
        return {"rc": ended.code, "stdout": ended.stdout, "stderr": ended.stderr}


class _Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True


@contextmanager
def _served(path: Path, answer: Callable[[Mapping[str, Any]], Mapping[str, Any]]) -> Iterator[None]:
    """Answer messages at a socket for as long as the block lasts."""

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            message = json.loads(self.rfile.read())
            with suppress(BrokenPipeError):
                self.wfile.write(json.dumps(answer(message)).encode())

    with _Server(str(path), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True, name="gate")
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()


def _tested(place: Path, file: Path, question: Question) -> int:
    """Run the tests and return pytest's exit code; they are ended when they take too long."""
    timeout = question.check.timeout
    with (place / "output").open("wb") as output:
        try:
            return subprocess.run(
                _command(file, question),
                cwd=place,
                env=_environ(place, question),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                timeout=timeout,
                check=False,
            ).returncode
        except subprocess.TimeoutExpired:
            raise _unanswered(f"the tests did not end within {timeout:g}s") from None


def _command(file: Path, question: Question) -> list[str]:
    hosts = sorted({f"o8://{quote(site.name, safe='')}" for site, _ in question.replicas})
    plugins = ("testinfra.plugin", _PLUGIN, "no:cacheprovider")
    loaded = [word for plugin in plugins for word in ("-p", plugin)]
    asked = ["-q", "--tb=short", f"--rootdir={file.parent}", "-c", os.devnull, f"--hosts={','.join(hosts)}"]
    return [sys.executable, "-m", "pytest", *loaded, *asked, str(file)]


def _environ(place: Path, question: Question) -> dict[str, str]:
    containers: dict[str, list[str]] = {}
    for site, replica in question.replicas:
        containers.setdefault(site.name, []).append(replica.name)
    return {
        **{k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")},
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "O8_GATE_SOCKET": str(place / "socket"),
        "O8_SERVICE": question.spec.name,
        "O8_REVISION": str(question.revision),
        "O8_CONTAINERS": json.dumps(containers),
    }


def _last(place: Path) -> str:
    """Return the last line that pytest wrote which says something."""
    lines = (place / "output").read_text("utf-8", "replace").split("\n")
    said = [line.strip() for line in lines if line.strip()]
    errors = [line.removeprefix("E").strip() for line in said if line.startswith("E ")]
    return (errors or said or ["nothing was said"])[-1][:_SHOWN]
