"""Every kind of line of the plain output against a text that readers of Ansible's output know."""

from __future__ import annotations

import os
import pty
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.bed import Fleet
from tests.command_line import O8, CommandLine, inventory

PLAY = Path(__file__).parent / "play_lines"
TIMES = re.compile(r'"(delta|end|start)": "[^"]*"')
ERRORS = re.compile(r"(?m)^\[ERROR\]: .*\nOrigin: .*\n\n(?:.*\n)*? +\^ column \d+\n\n")
EXPECTED = (PLAY / "expected.txt").read_text()
TOLD = (PLAY / "expected.err.txt").read_text()


@pytest.fixture
def o8(fleet: Fleet, tmp_path: Path) -> CommandLine:
    shutil.copytree(PLAY, tmp_path, dirs_exist_ok=True)
    line = CommandLine(tmp_path)
    line.write("hosts.ini", inventory(fleet, "[none_such]"))
    fleet.exec("h1", ["sh", "-c", "rm -f /opt/lines*"])
    return line


def timeless(text: str) -> str:
    return TIMES.sub(r'"\1": "T"', text)


def test_plain_lines_are_as_expected(o8: CommandLine) -> None:
    ran = o8("run", "site.yml", "-i", "hosts.ini", "-l", "h1")
    assert ran.code == 2, ran.text
    assert timeless(ran.out) == EXPECTED.replace("included: ", f"included: {o8.folder}/")
    assert timeless(ran.err) == TOLD


def test_a_run_on_a_terminal_shows_progress_and_in_a_pipe_no_escape_codes(o8: CommandLine) -> None:
    words = "run site.yml -i hosts.ini -l h1"
    shown = on_terminal(o8, words)
    assert "\x1b[" in shown
    assert "steps" in shown
    assert "✗ 1 failed h1" in shown
    assert "! 1 rescued" in shown
    assert "Ended with exit code 2" in shown
    assert "hunter2" not in shown
    assert "\x1b[3" not in on_terminal(o8, words, NO_COLOR="1")
    for calm in ({"CI": "true"}, {"TERM": "dumb"}):
        assert "\nTASK [Says a variable] ****" in on_terminal(o8, words, **calm).replace("\r", "")


def on_terminal(o8: CommandLine, words: str, **env: str) -> str:
    """Return what a run writes to a terminal of its own, escape codes and all."""
    parent, child = pty.openpty()
    process = subprocess.Popen(
        [str(O8), *words.split()],
        cwd=o8.folder,
        env=o8.environment(**{"TERM": "xterm-256color", "COLUMNS": "120", **env}),
        stdin=child,
        stdout=child,
        stderr=child,
    )
    os.close(child)
    parts = []
    while True:
        try:
            part = os.read(parent, 65536)
        except OSError:
            break
        if not part:
            break
        parts.append(part)
    os.close(parent)
    process.wait(30)
    return b"".join(parts).decode()


@pytest.mark.timeout(600)
@pytest.mark.skipif(
    "O8_ANSIBLE" not in os.environ, reason="O8_ANSIBLE names no ansible-playbook to compare with"
)
def test_ansible_writes_the_same_lines(o8: CommandLine) -> None:
    done = subprocess.run(
        [os.environ["O8_ANSIBLE"], "site.yml", "-i", "hosts.ini", "-l", "h1"],
        cwd=o8.folder,
        env=o8.environment(ANSIBLE_PIPELINING="1", ANSIBLE_NOCOLOR="1"),
        capture_output=True,
        text=True,
        check=False,
    )
    # What differs on purpose: how the lines above a failure are worded, files by the name that was written.
    text = re.sub(ERRORS, "", timeless(done.stdout))
    text = text.replace(f"{o8.folder}/", "").replace(
        ', "msg": "Task failed: Action failed: Unknown error."', ""
    )
    text = re.sub(r"(?m)^(ok: \[h1 -> h2)\([\d.]+\)", r"\1", text)
    assert text.rstrip() == re.sub(ERRORS, "", EXPECTED).rstrip()
