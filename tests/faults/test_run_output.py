"""Runs over hosts that answer too much, in bytes, behind noise, or whose disk is full."""

from __future__ import annotations

import resource
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bed import Fleet
from tests.command_line import CommandLine, inventory

MIB = 1 << 20


@pytest.fixture
def o8(fleet: Fleet, tmp_path: Path) -> CommandLine:
    line = CommandLine(tmp_path)
    line.write("hosts.ini", inventory(fleet))
    return line


def peak(process: subprocess.Popen[str]) -> int:
    """Return the most memory a process had, in bytes, read while it ends."""
    found = 0
    while process.poll() is None:
        try:
            status = Path(f"/proc/{process.pid}/status").read_text()
        except OSError:
            break
        lines = [line for line in status.splitlines() if line.startswith("VmHWM:")]
        found = max(found, *(int(line.split()[1]) * 1024 for line in lines), 0)
        time.sleep(0.05)
    return found


def test_a_gigabyte_of_output_is_capped_and_costs_no_memory(o8: CommandLine) -> None:
    peaks = []
    for size in ("1k", "1G"):
        o8.write(
            "site.yml",
            "- hosts: h1\n  gather_facts: false\n  tasks:\n"
            f"    - {{name: Much, shell: head -c {size} /dev/zero | tr '\\0' x, register: it}}\n"
            "    - {name: Length, debug: {msg: 'kept {{ it.stdout | length }}'}}\n",
        )
        began = time.monotonic()
        process = o8.start("run", "site.yml", "-i", "hosts.ini")
        peaks.append(peak(process))
        out, err = process.communicate(timeout=120)
        assert process.returncode == 0, out + err
        kept = int(out.split("kept ")[1].split('"')[0])
    print(
        f"\n1 GB: {time.monotonic() - began:.1f} s, memory {peaks[0] / MIB:.0f} -> {peaks[1] / MIB:.0f} MiB"
    )
    assert MIB <= kept < 40 * MIB
    assert peaks[1] - peaks[0] < 64 * MIB


def test_bytes_that_are_no_text_pass_without_harm(o8: CommandLine) -> None:
    ran = o8.play(
        "- hosts: h1\n  gather_facts: false\n  tasks:\n"
        "    - name: Bytes\n"
        "      shell: printf 'a\\377\\000b\\033[31mred\\nz\\355\\240\\200'; printf '\\200' >&2\n"
        "      register: it\n"
        "    - {name: Known, assert: {that: [it.stdout_lines | length == 2, \"'red' in it.stdout\"]}}\n"
        "    - {name: Back, copy: {content: '{{ it.stdout }}', dest: /opt/run-bytes}}\n"
        "    - {name: Same, command: od -An -tx1 /opt/run-bytes, register: od}\n"
        "    - {name: Show, debug: {var: od.stdout}}\n"
        "    - {name: Clean, file: {path: /opt/run-bytes, state: absent}}\n",
        "-v",
    )
    assert ran.code == 0, ran.text
    assert "61 ff 00 62 1b" in ran.out
    assert "\x1b" not in ran.out


def test_bytes_pass_as_json_lines(o8: CommandLine) -> None:
    ran = o8.play(
        "- hosts: h1\n  gather_facts: false\n  tasks:\n"
        "    - {name: Bytes, raw: \"printf 'a\\\\377b'\"}\n    - {shell: \"printf '\\\\377'\"}\n",
        "--json",
    )
    assert ran.code == 0, ran.text
    assert [event["event"] for event in ran.events()][-1] == "run_finished"


@pytest.fixture
def noisy(fleet: Fleet) -> Iterator[None]:
    """A user whose start-up files speak on both streams, and a message of the day."""
    script = (
        "cd /home/nopass && cp -a .bashrc .bashrc.kept && "
        "printf 'echo NOISE; echo {} ; echo grumble >&2\\n' | cat - .bashrc.kept > .bashrc"
    )
    assert fleet.exec("h2", ["sh", "-c", script]).rc == 0
    yield
    fleet.exec("h2", ["mv", "/home/nopass/.bashrc.kept", "/home/nopass/.bashrc"])


@pytest.mark.usefixtures("noisy")
def test_noise_of_start_up_files_does_not_matter(o8: CommandLine, fleet: Fleet) -> None:
    o8.write("hosts.ini", inventory(fleet, h2={"ansible_user": "nopass"}))
    ran = o8.play(
        "- hosts: h2\n  gather_facts: false\n  tasks:\n"
        "    - {name: Quiet, command: echo word, register: it, become: true}\n"
        "    - {name: Only that, assert: {that: it.stdout == 'word'}}\n"
    )
    assert ran.code == 0, ran.text


@pytest.fixture
def small_disk(fleet: Fleet) -> Iterator[str]:
    """A file system of 64 KiB on a host."""
    made = "mkdir -p /mnt/run-small && mount -t tmpfs -o size=64k tmpfs /mnt/run-small"
    assert fleet.exec("h3", ["sh", "-c", made]).rc == 0
    yield "/mnt/run-small"
    fleet.exec("h3", ["umount", "/mnt/run-small"])


def test_a_full_disk_leaves_the_old_file(o8: CommandLine, fleet: Fleet, small_disk: str) -> None:
    o8.write("big.txt", "new\n" * 50_000)
    fleet.exec("h3", ["sh", "-c", f"echo old > {small_disk}/kept.txt"])
    play = (
        "- hosts: h3\n  gather_facts: false\n  tasks:\n"
        f"    - {{name: From a file, copy: {{src: big.txt, dest: {small_disk}/kept.txt}}}}\n"
    )
    ran = o8.play(play)
    assert ran.code == 2, ran.text
    assert "No space left" in ran.out
    assert small_disk in ran.out
    found = fleet.exec("h3", ["sh", "-c", f"cat {small_disk}/kept.txt; ls -A {small_disk}"])
    assert found.stdout == "old\nkept.txt\n"
    fleet.exec("h3", ["mount", "-o", "remount,size=1m", small_disk])
    again = o8.play(play)
    assert again.code == 0, again.text
    assert again.changed() == 1
    assert o8.play(play).changed() == 0


def test_few_file_handles_are_enough(o8: CommandLine) -> None:
    """With 64 files at most, which is less than a shell's 1024, a run still converges."""

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))

    o8.write("site.yml", "- hosts: all\n  gather_facts: false\n  tasks: [{ping: }, {command: id -un}]\n")
    process = o8.start("run", "site.yml", "-i", "hosts.ini", preexec_fn=limited)
    out, err = process.communicate(timeout=180)
    assert process.returncode == 0, out + err
