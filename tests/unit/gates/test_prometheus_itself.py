"""A real Prometheus that is asked about itself, where one is installed."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from socket import create_server

import pytest

from orchestr8.deploy.gate.check import Check
from orchestr8.deploy.gate.tally import judge
from orchestr8.deploy.model import ServiceSpec, Workload
from orchestr8.engine.services.gate_port import Question, Reading, Unanswered
from orchestr8.gates.prometheus import ask_prometheus

PROGRAM = shutil.which("prometheus")
pytestmark = pytest.mark.skipif(PROGRAM is None, reason="no Prometheus is installed")


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    with create_server(("127.0.0.1", 0)) as free:
        place = f"127.0.0.1:{free.getsockname()[1]}"
    config = tmp_path / "prometheus.yml"
    config.write_text("scrape_configs: []\n")
    words = [str(PROGRAM), f"--config.file={config}", f"--storage.tsdb.path={tmp_path}/data"]
    with subprocess.Popen([*words, f"--web.listen-address={place}"], stderr=subprocess.DEVNULL) as process:
        yield f"http://{place}"
        process.terminate()


def ask(address: str, query: str) -> Reading:
    check = Check("prometheus", address, query=query, failure="result > 1%")
    return ask_prometheus(Question(check, ServiceSpec("web", Workload("app")), 2, 1))


def test_it_answers_as_is_documented(address: str) -> None:
    for _ in range(600):
        try:
            assert ask(address, "vector(0.001)").answers == ({"result": 0.001},)
            break
        except Unanswered:
            time.sleep(0.1)
    assert ask(address, "scalar(vector(0.5))").answers == ({"result": 0.5},)
    assert ask(address, "no_such_metric").detail == "the query has no data"
    check = Check("prometheus", address, query="0/0", failure="result > 1%")
    assert judge(check, ask(address, "0/0").answers, (False,)) == "inconclusive"
    with pytest.raises(Unanswered, match="bad_data: invalid parameter"):
        ask(address, "up{")
    with pytest.raises(Unanswered, match="gives a matrix"):
        ask(address, "up[5m]")
