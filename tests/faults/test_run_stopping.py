"""Runs that are stopped or killed, and hosts that fall silent: all end in time, a re-run heals."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.bed import Fleet
from tests.command_line import CommandLine, inventory

PATIENCE = 60.0
STEPS = """
- hosts: h1
  gather_facts: false
  tasks:
    - name: First
      copy: {content: "1\\n", dest: /opt/run-steps-1, mode: "0644"}
    - name: Slow
      command: sh -c 'until test -e /opt/run-steps-go; do sleep 0.1; done'
    - name: Last
      copy: {content: "2\\n", dest: /opt/run-steps-2, mode: "0644"}
"""


SLOW = "sh -c until test -e /opt/run-steps-go"


@pytest.fixture
def o8(fleet: Fleet, tmp_path: Path) -> CommandLine:
    line = CommandLine(tmp_path)
    line.write("hosts.ini", inventory(fleet))
    line.write("site.yml", STEPS)
    for host in fleet.hosts:
        host.exec(["sh", "-c", "rm -f /opt/run-steps-*"])
    return line


def begun(o8: CommandLine, fleet: Fleet) -> subprocess.Popen[str]:
    """Start the run and wait until its slow command runs on the host."""
    process = o8.start("run", "site.yml", "-i", "hosts.ini", env={"PYTHONUNBUFFERED": "1"})
    deadline = time.monotonic() + PATIENCE
    while not running(fleet, SLOW):
        assert time.monotonic() < deadline
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    return process


def go_on(fleet: Fleet) -> None:
    """Let the slow command end."""
    fleet.exec("h1", ["touch", "/opt/run-steps-go"])


def asked_to_stop(process: subprocess.Popen[str]) -> str:
    """Wait until a run says that it stops, and return what it said."""
    said = ""
    assert process.stderr is not None
    while "once more to end at once" not in said:
        line = process.stderr.readline()
        assert line, said
        said += line
    return said


def running(fleet: Fleet, words: str, host: str = "h1") -> bool:
    return fleet.exec(host, ["pgrep", "-f", f"^{words}"]).rc == 0


def there(fleet: Fleet, number: int) -> bool:
    return fleet.exec("h1", ["test", "-e", f"/opt/run-steps-{number}"]).rc == 0


@pytest.fixture
def left_over(fleet: Fleet) -> Callable[[], set[str]]:
    """Ask for the processes that a run left on the host, some seconds after it ended."""
    before = of_runs(fleet)

    def later() -> set[str]:
        deadline = time.monotonic() + PATIENCE
        while (found := of_runs(fleet) - before) and time.monotonic() < deadline:
            time.sleep(0.1)
        return found

    return later


def of_runs(fleet: Fleet) -> set[str]:
    found = fleet.exec("h1", ["pgrep", "-a", "-f", f"python3 -I|^{SLOW}"]).stdout
    return set(found.splitlines())


def test_one_interrupt_ends_safely_and_says_how_to_go_on(
    o8: CommandLine, fleet: Fleet, left_over: Callable[[], set[str]]
) -> None:
    process = begun(o8, fleet)
    process.send_signal(signal.SIGINT)
    asked_to_stop(process)
    go_on(fleet)
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130, out + err
    assert "Go on with: o8 run site.yml -i hosts.ini" in err
    assert "h1                         : ok=2    changed=2" in out
    assert there(fleet, 1)
    assert not there(fleet, 2)
    assert left_over() == set()


def test_a_second_interrupt_ends_at_once(
    o8: CommandLine, fleet: Fleet, left_over: Callable[[], set[str]]
) -> None:
    process = begun(o8, fleet)
    process.send_signal(signal.SIGINT)
    asked_to_stop(process)
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert not there(fleet, 2)
    assert left_over() == set()


def test_a_termination_signal_stops_safely(o8: CommandLine, fleet: Fleet) -> None:
    process = begun(o8, fleet)
    process.terminate()
    asked_to_stop(process)
    go_on(fleet)
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 143, out + err
    assert not there(fleet, 2)


def test_after_kill_nothing_runs_on_and_a_second_run_converges(
    o8: CommandLine, fleet: Fleet, left_over: Callable[[], set[str]]
) -> None:
    process = begun(o8, fleet)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate(timeout=PATIENCE)
    assert left_over() == set()
    assert there(fleet, 1)
    assert not there(fleet, 2)
    go_on(fleet)
    ran = o8("run", "site.yml", "-i", "hosts.ini")
    assert ran.code == 0, ran.text
    assert there(fleet, 2)


SILENT = """
- hosts: all
  gather_facts: false
  strategy: free
  tasks:
    - {name: Greet, ping: }
    - {name: Long, command: sleep 140, when: inventory_hostname != 'h1'}
    - name: Done
      copy: {content: "2\\n", dest: /opt/run-steps-2, mode: "0644"}
"""


def test_hosts_that_fall_silent_in_a_task_are_given_up_in_time(o8: CommandLine, fleet: Fleet) -> None:
    """One host's sshd is frozen, one's packets are dropped, one's sshd is killed; the fourth converges."""
    o8.write("site.yml", SILENT)
    process = o8.start("run", "site.yml", "-i", "hosts.ini")
    try:
        deadline = time.monotonic() + PATIENCE
        while not all(running(fleet, "sleep 140", host) for host in ("h2", "h3", "h4")):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        began = time.monotonic()
        fleet.host("h2").freeze("sshd")
        fleet.host("h3").cut()
        fleet.host("h4").kill("sshd")
        out, err = process.communicate(timeout=100)
        seconds = time.monotonic() - began
    finally:
        process.kill()
        fleet.repair()
    print(f"\ngiven up after {seconds:.1f} s")
    assert process.returncode == 4, out + err
    assert seconds < 60
    assert there(fleet, 2)
    for host in ("h2", "h3", "h4"):
        assert f"fatal: [{host}]: UNREACHABLE!" in out
        assert fleet.exec(host, ["test", "-e", "/opt/run-steps-2"]).rc != 0
        fleet.exec(host, ["pkill", "-f", "^sleep 140"])
