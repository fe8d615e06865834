import os
import time

import pytest

from orchestr8.remote import process
from orchestr8.remote.module import Failure
from orchestr8.remote.streams import Kept, raw, text


def test_a_command_ends_with_its_code_and_both_outputs():
    done = process.run("echo out; echo err >&2; exit 3", shell=True)
    assert (done.rc, done.stdout, done.stderr) == (3, b"out\n", b"err\n")
    assert done.end >= done.start


def test_input_larger_than_a_pipe_comes_back_bounded():
    done = process.run(["cat"], stdin=b"x" * 3_000_000)
    assert b"truncated" in done.stdout
    assert len(done.stdout) < 1_100_000
    assert done.truncated == 3_000_000 - (1 << 20)


def test_environment_directory_and_mask(tmp_path):
    done = process.run("umask; pwd; echo $X", shell=True, cwd=str(tmp_path), environ={"X": "é"}, umask=0o27)
    assert text(done.stdout).split() == ["0027", str(tmp_path), "é"]


def test_a_timeout_kills_the_group():
    done = process.run("sleep 30 & sleep 30", shell=True, timeout=0.1)
    assert done.timed_out
    assert done.rc == -15
    assert done.end - done.start < 25
    assert not process.running


def test_a_child_that_keeps_the_pipe_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(process, "LINGER", 0.05)
    start = time.monotonic()
    done = process.run("sleep 60 & echo $!", shell=True)
    os.kill(int(done.stdout), 9)
    assert done.rc == 0
    assert time.monotonic() - start < 50


@pytest.mark.parametrize("argv", [["/nonexistent/program"], ["no-such-program-anywhere"]])
def test_what_cannot_be_started_says_so(argv):
    with pytest.raises(Failure, match="No such file") as caught:
        process.run(argv)
    assert caught.value.result["rc"] == 2


@pytest.mark.parametrize(
    ("settings", "word"), [({"cwd": "/nonexistent"}, "/nonexistent"), ({}, "Permission denied")]
)
def test_the_message_names_what_was_wrong(settings, word, tmp_path):
    file = tmp_path / "plain"
    file.write_text("no program")
    with pytest.raises(Failure, match=word):
        process.run([str(file)] if not settings else ["true"], **settings)


def test_a_null_byte_is_refused():
    with pytest.raises(Failure, match="null"):
        process.run(["echo", "a\0b"])


def test_lines_are_reported_as_they_come():
    lines = []
    process.run(["printf", "a\\nb\\nc"], progress=lines.append)
    assert lines == ["a", "b"]


def test_a_string_without_a_shell_is_refused():
    with pytest.raises(Failure, match="list of words"):
        process.run("echo x")


def test_bytes_survive_as_text():
    data = bytes(range(256))
    assert raw(text(data)) == data


def test_kept_output_has_its_head_and_tail():
    kept = Kept(10)
    for letter in b"abcdefghijklmnopqrstuvwxyz":
        kept.add(bytes([letter]))
    assert kept.value() == b"abcde\n... truncated 16 bytes ...\nvwxyz"
