"""Samples that the controller takes: a server that speaks Prometheus' API, and ones that do not."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from orchestr8.core.secret import Secret
from orchestr8.deploy.gate.check import Check
from orchestr8.deploy.model import ServiceSpec, Workload
from orchestr8.engine.services.gate_port import Ask, Question, Reading, Unanswered
from orchestr8.gates.program import ask_program
from orchestr8.gates.prometheus import ask_prometheus
from orchestr8.gates.web import ask_http


class Server(ThreadingHTTPServer):
    """Answers every request by what is told here; remembers what it was asked."""

    daemon_threads = True
    body = ""
    status = 200

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.headers: dict[str, str] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.asked.append((self.path, dict(self.headers)))
        self.send_response(self.server.status)
        for name, value in self.server.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(self.server.body.encode())

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    thread = threading.Thread(target=made.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield made
    made.shutdown()
    made.server_close()
    thread.join()


def ask(how: Ask, check: Check) -> Reading:
    return how(Question(check, ServiceSpec("web", Workload("app")), 2, 1))


def query(server: Server, **more: Any) -> Check:
    return Check("prometheus", server.url, query='rate(x{a="b"}[1m])', failure="result > 1", **more)


def told(server: Server, kind: str, result: Any) -> Reading:
    server.body = json.dumps({"status": "success", "data": {"resultType": kind, "result": result}})
    return ask(ask_prometheus, query(server))


def test_a_query_is_sent_as_written_with_its_headers_and_every_series_counts(server: Server) -> None:
    series = [{"metric": {"host": h}, "value": [1.0, n]} for h, n in (("a", "0.5"), ("b", "2"))]
    server.body = json.dumps({"status": "success", "data": {"resultType": "vector", "result": series}})
    reading = ask(ask_prometheus, query(server, headers={"Authorization": Secret("Bearer x")}))
    assert reading.answers == ({"result": 0.5}, {"result": 2.0})
    assert reading.detail == "result 0.5, 2"
    path, headers = server.asked[0]
    assert urlsplit(path).path == "/api/v1/query"
    assert parse_qs(urlsplit(path).query)["query"] == ['rate(x{a="b"}[1m])']
    assert headers["Authorization"] == "Bearer x"


def test_a_scalar_is_one_number_and_no_series_is_no_answer(server: Server) -> None:
    assert told(server, "scalar", [1.0, "3.5"]).answers == ({"result": 3.5},)
    assert told(server, "vector", []) == Reading(detail="the query has no data")
    assert str(told(server, "scalar", [1.0, "NaN"]).answers[0]["result"]) == "nan"


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("<html>", "HTTP 200 is no answer of its API"),
        ("[]", "no answer of its API"),
        ('{"status": "error", "errorType": "bad_data", "error": "parse error"}', "bad_data: parse error"),
        ('{"status": "success", "data": {"resultType": "matrix", "result": []}}', "gives a matrix"),
        ('{"status": "success", "data": {"resultType": "scalar", "result": [1, "x"]}}', "are no numbers"),
        ('{"status": "success", "data": {"resultType": "vector", "result": [{}]}}', "are no numbers"),
    ],
)
def test_what_makes_no_sense_is_no_answer(server: Server, body: str, why: str) -> None:
    server.body = body
    with pytest.raises(Unanswered, match=why):
        ask(ask_prometheus, query(server))


def test_a_server_that_is_not_there_is_no_answer() -> None:
    with pytest.raises(Unanswered, match="does not answer"):
        ask(ask_prometheus, Check("prometheus", "http://127.0.0.1:1", query="up", failure="result > 1"))


def test_a_page_speaks_by_its_status_and_secrets_go_nowhere_else(server: Server) -> None:
    server.body = "fine"
    check = Check("http", f"{server.url}/x", expect=((200, 299),), headers={"X": Secret("s")})
    good = ask(ask_http, check)
    assert (good.natural, good.detail, good.answers[0]["body"]) == ((True,), "HTTP 200", "fine")
    server.status, server.headers = 302, {"Location": f"{server.url}/elsewhere"}
    moved = ask(ask_http, check)
    assert (moved.natural, moved.detail) == ((False,), "HTTP 302")
    assert [path for path, _ in server.asked] == ["/x", "/x"]
    server.status = 503
    assert ask(ask_http, check).answers[0]["status"] == 503.0


def test_a_program_speaks_by_its_exit_code_and_its_last_line() -> None:
    code = "import sys; print('latency'); print(12.5); sys.exit(3)"
    reading = ask(ask_program, Check("exec", command=(sys.executable, "-c", code)))
    assert reading.answers == ({"code": 3.0, "output": "latency\n12.5\n", "result": 12.5},)
    assert (reading.natural, reading.detail) == ((False,), "exit code 3: latency 12.5")


def test_a_program_that_is_not_there_or_does_not_end_is_no_answer() -> None:
    with pytest.raises(Unanswered, match="cannot be run"):
        ask(ask_program, Check("exec", command=("/no/such/program",)))
    with pytest.raises(Unanswered, match=r"did not end within 0.2s"):
        ask(ask_program, Check("exec", command=("sleep", "60"), timeout=0.2))
