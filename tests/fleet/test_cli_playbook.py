"""A playbook with every feature of the language's core, run twice by the real command, and by Ansible."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
import testinfra

from tests.bed import Fleet
from tests.command_line import CommandLine, Ran, recap

PLAY = Path(__file__).parent / "play_rich"
FIELDS = ("ok", "changed", "unreachable", "failed", "skipped", "rescued", "ignored")
# As ansible-core 2.19.14 counted them for the same files; see test_ansible_counts_the_same.
FIRST = {
    "extra1": (2, 0, 0, 0, 0, 0, 0),
    "h1": (66, 15, 0, 0, 9, 1, 1),
    "h2": (63, 15, 0, 0, 8, 0, 1),
    "h3": (62, 16, 0, 0, 6, 1, 1),
    "h4": (60, 16, 0, 0, 10, 0, 1),
}
SECOND = {
    "extra1": (2, 0, 0, 0, 0, 0, 0),
    "h1": (61, 0, 0, 0, 9, 1, 1),
    "h2": (58, 0, 0, 0, 8, 0, 1),
    "h3": (57, 0, 0, 0, 6, 1, 1),
    "h4": (55, 0, 0, 0, 10, 0, 1),
}


def counts(found: dict[str, dict[str, int]]) -> dict[str, tuple[int, ...]]:
    return {host: tuple(numbers[name] for name in FIELDS) for host, numbers in found.items()}


def arguments(fleet: Fleet) -> list[str]:
    """Return what tells a run of the playbook where the fleet is; Ansible takes the same."""
    first = fleet.host("h1")
    ssh = f"-F none -o UserKnownHostsFile={first.known_hosts} -o GlobalKnownHostsFile=none"
    net = first.address.rpartition(".")[0]
    return [
        *("site.yml", "-i", "hosts.ini", "-e", f"net={net}"),
        *(f"--private-key={first.key}", f"--ssh-common-args={ssh}"),
    ]


def sweep(fleet: Fleet) -> None:
    for host in fleet.hosts:
        host.exec(["rm", "-rf", "/opt/rich"])


@pytest.fixture(scope="module")
def o8(tmp_path_factory: pytest.TempPathFactory) -> CommandLine:
    folder = tmp_path_factory.mktemp("rich")
    shutil.copytree(PLAY, folder, dirs_exist_ok=True)
    return CommandLine(folder)


@pytest.fixture(scope="module")
def checked(o8: CommandLine, fleet: Fleet) -> Ran:
    sweep(fleet)
    return o8("run", *arguments(fleet), "--check", "--diff", "--tags", "untagged")


@pytest.fixture(scope="module")
def runs(o8: CommandLine, fleet: Fleet, checked: Ran) -> list[Ran]:
    del checked
    sweep(fleet)
    return [o8("run", *arguments(fleet), env={"CI": "true"}) for _ in range(2)]


def test_check_mode_changes_nothing(checked: Ran, fleet: Fleet) -> None:
    assert "Traceback" not in checked.text
    assert fleet.exec("h1", ["test", "-e", "/opt/rich"]).rc != 0


def test_the_first_run_counts_as_expected(runs: list[Ran]) -> None:
    assert runs[0].code == 0, runs[0].text
    assert counts(runs[0].recap()) == FIRST


def test_the_second_run_changes_nothing(runs: list[Ran]) -> None:
    assert runs[1].code == 0, runs[1].text
    assert runs[1].changed() == 0
    assert counts(runs[1].recap()) == SECOND


def test_hosts_are_as_described(runs: list[Ran], fleet: Fleet) -> None:
    assert runs
    for name, level in (("h1", "web"), ("h2", "h2"), ("h3", "db"), ("h4", "db")):
        host = testinfra.get_host(f"docker://{fleet.host(name).container}")
        conf = host.file("/opt/rich/app.conf")
        assert conf.content_string.splitlines() == [
            f"# {name}",
            f"level = {level}",
            "user.1 = ann",
            "user.2 = bob",
            "hard = 20",
            "peers = h1,h2",
        ]
        assert (conf.mode, conf.user) == (0o640, "root")
        assert host.file("/opt/rich/bob").content_string == "bob uses /bin/sh\n"
        assert host.file("/opt/rich/restarted").mode == 0o600
        assert host.file("/opt/rich/roles/shop").content_string == "shop on 8080 in app\n"
        assert host.file("/opt/rich/roles/static.txt").content_string == "static\n"
        assert host.file("/opt/rich/roles/lines").content_string == "app=8080\n"
        assert host.file("/opt/rich/more-imported").exists == (name in ("h3", "h4"))
        assert host.file("/opt/rich/more-some").exists == (name == "h1")
        assert host.file("/opt/rich/log-direct").exists == (name != "h1")
        assert host.file("/opt/rich/log-dependency").exists


def test_output_names_what_ran_and_hides_what_is_secret(runs: list[Ran]) -> None:
    out = runs[0].out
    for line in (
        "TASK [logs : Log dependency] ",
        "TASK [More green] ",
        "RUNNING HANDLER [app : Reload app] ",
        "RUNNING HANDLER [Second listener] ",
        "changed: [h3] => (item=bob)",
        "ok: [h1 -> h2]",
        "included: logs for h1, h2, h3, h4",
        "skipping: no hosts matched",
        "FAILED - RETRYING: [h4]: Until (4 retries left).",
    ):
        assert line in out, line
    assert "hunter2" not in out
    assert "deploy-pw" not in out
    assert "\x1b" not in out


def test_the_most_verbose_output_and_json_hide_secrets_too(o8: CommandLine, fleet: Fleet) -> None:
    for option in ("-vvvv", "--json"):
        ran = o8("run", *arguments(fleet), option, env={"FORCE_COLOR": "1"} if option == "-vvvv" else {})
        assert ran.code == 0, ran.text
        assert "hunter2" not in ran.text
        assert "deploy-pw" not in ran.text
    events = ran.events()
    assert {event["schema"] for event in events} == {"orchestr8.event/1"}
    kinds = {event["event"] for event in events}
    assert kinds >= {"run_started", "play_started", "task_started", "item_finished", "host_finished"}
    assert kinds >= {"retrying", "included", "run_finished"}
    assert events[-1]["exit_code"] == 0
    assert events[-1]["tallies"]["h1"]["changed"] == 0


@pytest.mark.timeout(1200)
@pytest.mark.skipif(
    "O8_ANSIBLE" not in os.environ, reason="O8_ANSIBLE names no ansible-playbook to compare with"
)
def test_ansible_counts_the_same(o8: CommandLine, fleet: Fleet) -> None:
    sweep(fleet)
    for expected in (FIRST, SECOND):
        done = subprocess.run(
            [os.environ["O8_ANSIBLE"], *arguments(fleet)],
            cwd=o8.folder,
            env=o8.environment(ANSIBLE_PIPELINING="1", ANSIBLE_NOCOLOR="1"),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert counts(recap(done.stdout)) == expected
