"""Checks and tasks between the steps of a rollout, on real hosts."""

from __future__ import annotations

import json
import re
import threading
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.bed.load import Load
from tests.edges import standing

pytestmark = pytest.mark.fleet
ROLLED_BACK, PAUSED = 20, 22


def revisions(stage: Any) -> Counter[str]:
    return Counter(c["Config"]["Labels"]["o8.revision"] for c in stage.live())


def canary(*steps: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"strategy": "canary", "steps": [{"scale": 1}, *steps], **more}


class Metrics(ThreadingHTTPServer):
    """Speaks Prometheus' query API about one figure, which tests set; None: the query has no data."""

    daemon_threads = True
    figure: float | None = 0.0
    asked = 0


class Handler(BaseHTTPRequestHandler):
    server: Metrics

    def do_GET(self) -> None:
        self.server.asked += 1
        figure = self.server.figure
        series = [] if figure is None else [{"metric": {}, "value": [1.0, str(figure)]}]
        data = {"resultType": "vector", "result": series}
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({"status": "success", "data": data}).encode())

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def metrics() -> Iterator[Metrics]:
    made = Metrics(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=made.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield made
    made.shutdown()
    made.server_close()
    thread.join()


def query(address: str) -> dict[str, Any]:
    asked = {"prometheus": address, "query": "error_ratio", "failure": "result > 1%"}
    return {"check": {**asked, "interval": "200ms", "count": 3, "name": "errors", "timeout": "10s"}}


def test_s23_without_figures_a_rollout_pauses_and_figures_decide(stage: Any, metrics: Metrics) -> None:
    address = f"http://127.0.0.1:{metrics.server_address[1]}"
    stage.deploy()
    old = {c["Id"] for c in stage.live()}
    stage.web("v2", update=canary(query("http://127.0.0.1:1")))
    down = stage.run()
    assert down.rc == PAUSED, down.out
    assert "errors: 0 of 1 samples good, 1 inconclusive; http://127.0.0.1:1" in down.out
    watched = stage.verb("rollout", "watch", "web", "--json")
    assert watched.rc == PAUSED, watched.out
    first, last = (json.loads(line) for line in watched.out.splitlines())
    assert (first["at"], first["end"], last["exit_code"]) == (
        "step 2 of 3: " + first["steps"][1],
        "paused",
        PAUSED,
    )
    stage.web("v2", update=canary(query(address)))
    metrics.figure = None
    empty = stage.run()
    assert empty.rc == PAUSED, empty.out
    assert "the query has no data" in empty.out
    assert revisions(stage) == {"1": 3, "2": 1}
    assert "waits for a decision" in stage.verb("status").out
    metrics.figure = 0.02
    bad = stage.verb("resume", "web", "-y")
    assert bad.rc == ROLLED_BACK, bad.out
    assert {c["Id"] for c in stage.live()} == old
    watched = stage.verb("rollout", "watch", "web")
    assert watched.rc == ROLLED_BACK, watched.out
    assert (
        "revision 2 failed and was taken back: errors: 0 of 1 samples good, 1 bad; result 0.02" in watched.out
    )


def test_a_rollout_is_looked_on_while_it_goes_on_and_a_person_may_promote_it(
    stage: Any, metrics: Metrics, tmp_path: Path
) -> None:
    stage.deploy()
    gate = query(f"http://127.0.0.1:{metrics.server_address[1]}")
    gate["check"].update(count=8, interval="500ms")
    last = query("http://127.0.0.1:1")
    stage.web("v2", update=canary(gate, {"scale": 2}, last))
    process = stage.start("run", str(stage.folder / "site.yml"), "-i", str(stage.inventory()))
    seen = stage.wait_for(process, "start")
    watched = stage.verb("rollout", "watch", "web", "--interval", "0.3", home=tmp_path)
    out, _ = process.communicate(timeout=120)
    assert (process.returncode, watched.rc) == (PAUSED, PAUSED), seen + out + watched.out
    assert metrics.asked == 8
    assert "web: revision 1 → 2" in watched.out
    assert "web: carried out by " in watched.out
    assert re.search(r"web: check errors: ([1-8]) of \1 samples good; result 0\n", watched.out)
    assert "(revision 2) healthy" in watched.out
    assert watched.out.splitlines()[-1].startswith("waits for a decision: errors: 0 of 1 samples good")
    promoted = stage.verb("promote", "web", "-y")
    assert promoted.rc == 0, promoted.out
    assert set(revisions(stage)) == {"2"}
    after = stage.verb("rollout", "watch", "web")
    assert (after.rc, after.out.splitlines()[-1]) == (0, "revision 2 is good")


def test_commands_and_requests_ask_the_new_replicas_alone(stage: Any) -> None:
    page = {"http": "/", "success": "'v2' in body"}

    beside = {"exec": ["docker", "info", "-f", "{{ '{{.ServerVersion}}' }}"], "from": "host"}
    here = {"exec": "echo 3", "from": "controller", "success": "result == 3"}
    stage.deploy()
    good = canary({"check": [page, beside, here]}, {"scale": "100%"}, {"check": page})
    done = stage.deploy("v2", update=good)
    assert "http /: 1 of 1 samples good; HTTP 200" in done.out
    assert set(revisions(stage)) == {"2"}
    old = {c["Id"] for c in stage.live()}
    stage.web("v1", environment={"KIND": "third"}, update=canary({"check": [page]}))
    bad = stage.run()
    assert bad.rc == ROLLED_BACK, bad.out
    assert {c["Id"] for c in stage.live()} == old


def test_tasks_between_steps_run_once_on_hosts_and_undo_the_rollout_when_they_fail(stage: Any) -> None:
    stage.deploy()
    tasks = [{"name": "Count", "shell": f"echo x >> /run/{stage.project}; cat /run/{stage.project}"}]
    try:
        stage.web("v2", update=canary({"run": tasks}, {"pause": "approval"}))
        first = stage.run()
        assert first.rc == PAUSED, first.out
        assert "Count" in first.out
        assert stage.run().rc == PAUSED
        promoted = stage.verb("promote", "web", "-y")
        assert promoted.rc == 0, promoted.out
        assert stage.fleet.exec("h1", ["cat", f"/run/{stage.project}"]).stdout == "x\n"
        stage.web(
            "v1",
            environment={"KIND": "third"},
            update=canary({"run": [{"name": "Refuse", "fail": {"msg": "no migration"}}]}),
        )
        failed = stage.run()
        assert failed.rc == ROLLED_BACK, failed.out
        assert "no migration" in failed.out
        assert set(revisions(stage)) == {"2"}
    finally:
        stage.fleet.exec("h1", ["rm", "-f", f"/run/{stage.project}"])


def test_tests_of_testinfra_are_asked_of_the_hosts_of_new_replicas(stage: Any) -> None:
    stage.deploy()
    folder = stage.folder / "tests"
    folder.mkdir()
    (folder / "test_web.py").write_text(
        "def test_web(host, o8_containers):\n"
        "    assert host.run('hostname').stdout.startswith('h')\n"
        "    assert all(host.docker(name).is_running for name in o8_containers)\n"
        "    assert host.check_output('cat /etc/o8-wanted 2>/dev/null || true') == WANTED\n\n"
        "WANTED = ''\n"
    )
    steps = {"check": {"testinfra": "tests/test_web.py", "name": "tests"}}
    stage.web("v2", update=canary(steps))
    good = stage.run()
    assert good.rc == 0, good.out
    assert "tests: 1 of 1 samples good; 1 tests passed, 0 failed" in good.out
    (folder / "test_web.py").write_text("def test_web(host):\n    assert host.file('/no/such').exists\n")
    stage.web("v1", update=canary(steps))
    bad = stage.run()
    assert bad.rc == ROLLED_BACK, bad.out
    assert "0 tests passed, 1 failed; test_web[o8://h" in bad.out
    assert {c["Config"]["Labels"]["o8.revision"] for c in stage.live()} == {"2"}


EDGES = ("h1", "h2")


@pytest.fixture
def socket(stage: Any) -> Iterator[str]:
    with standing(stage.fleet, EDGES, f"/run/o8-{stage.project}") as found:
        yield found
        stage.clean()


def test_s22_errors_at_the_balancers_take_requests_from_a_canary_before_it_stops(
    stage: Any, socket: str
) -> None:
    ingress = {"on": ",".join(EDGES), "socket": socket, "port": 8080, "listen": 8897}
    stage.deploy(ingress=ingress)
    old = {c["Id"] for c in stage.live()}
    figures = {"ingress": True, "minimum": 30, "compare": "stable", "interval": "500ms", "timeout": "60s"}
    check = {**figures, "failure": "error_rate > stable.error_rate + 1%", "name": "errors"}
    urls = [f"http://{stage.fleet.host(edge).address}:8897" for edge in EDGES]
    stage.web(
        "v2", ingress=ingress, environment={"ERRORS": "50"}, update=canary({"weight": 30}, {"check": check})
    )
    with Load(urls, rate=80) as load:
        bad = stage.run()
    assert bad.rc == ROLLED_BACK, bad.out
    assert re.search(r"1 bad; \d+ requests, \d+% failed, p95 .* \(stable: ", bad.out)
    assert {c["Id"] for c in stage.live()} == old
    told = bad.out[bad.out.index("rolling_back") :]
    assert -1 < told.find("web: drain") < told.index("web: stop"), told
    assert load.report.versions["v1"] > 100
    stage.web(
        "v2", ingress=ingress, update=canary({"weight": 30}, {"check": {**check, "success": "p95 < 5s"}})
    )
    with Load(urls, rate=80) as load:
        good = stage.run()
    assert good.rc == 0, good.out
    assert load.report.failures == []
    assert revisions(stage) == {"3": 3}
    status = json.loads(stage.verb("status", "--json").out)["projects"][stage.project]["web"]
    assert [(edge, view["shares"]) for edge, view in status["edges"].items()] == [
        (edge, {"3": 100.0}) for edge in EDGES
    ]
    assert {m["state"] for view in status["edges"].values() for m in view["members"]} == {"up"}
    assert status["drift"] == []
    stage.fleet.exec("h2", ["sh", "-c", 'kill $(cat "$1/pid")', "sh", str(Path(socket).parent)])
    odd = stage.verb("status")
    assert "! edge h2 does not answer" in odd.out
    assert re.search(r"h1 +t-\S+ +3 +33.33% +up", odd.out), odd.out
