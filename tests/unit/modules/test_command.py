from __future__ import annotations

import os
from pathlib import Path


def test_it_reports_what_the_command_did(apply) -> None:
    result = apply("command", _raw_params="printf 'a\\nb\\n\\n'")
    assert (result["rc"], result["stdout"], result["stdout_lines"]) == (0, "a\nb", ["a", "b"])
    assert result["cmd"] == ["printf", "a\\nb\\n\\n"]
    assert (result["changed"], result["stderr"], result["msg"]) == (True, "", "")
    assert result["delta"].startswith("0:00:0")
    assert result["start"] <= result["end"]


def test_no_shell_looks_at_the_words(apply) -> None:
    assert apply("command", _raw_params="echo a | cat; echo $((1+1))")["stdout"] == "a | cat; echo $((1+1))"
    assert apply("command", argv=["echo", "a  b", "*"])["stdout"] == "a  b *"


def test_variables_are_expanded_unless_told_not_to(apply) -> None:
    environ = {"GREETING": "hi"}
    assert apply("command", _raw_params="echo $GREETING ${GREETING}", environ_=environ)["stdout"] == "hi hi"
    kept = apply("command", _raw_params="echo $GREETING", environ_=environ, expand_argument_vars=False)
    assert kept["stdout"] == "$GREETING"
    assert apply("command", _raw_params="echo $NOT_SET_ANYWHERE")["stdout"] == "$NOT_SET_ANYWHERE"


def test_a_failing_command_fails_with_all_it_said(apply) -> None:
    result = apply("command", _raw_params="ls /no/such/path")
    assert (result["failed"], result["msg"], result["rc"]) == (True, "non-zero return code", 2)
    assert "No such file" in result["stderr"]
    assert result["changed"] is True


def test_a_command_that_is_not_there(apply) -> None:
    result = apply("command", _raw_params="no-such-program-here x")
    assert result["failed"] is True
    assert "No such file or directory" in result["msg"]
    assert (result["rc"], result["cmd"]) == (2, "no-such-program-here x")


def test_creates_and_removes_decide(apply, tmp_path: Path) -> None:
    (tmp_path / "made.txt").touch()
    result = apply("command", _raw_params="false", creates=str(tmp_path / "*.txt"))
    assert result["msg"] == f"Did not run command since '{tmp_path}/*.txt' exists"
    assert (result["rc"], result["changed"]) == (0, False)
    assert result["stdout"] == f"skipped, since {tmp_path}/*.txt exists"
    gone = str(tmp_path / "gone")
    assert apply("command", _raw_params="false", removes=gone)["msg"].endswith("does not exist")
    assert apply("command", _raw_params="true", creates=gone)["changed"] is True
    assert apply("command", _raw_params="false", chdir=str(tmp_path), creates="made.txt")["changed"] is False


def test_check_mode_predicts_only_what_it_can_know(apply, tmp_path: Path) -> None:
    marker = tmp_path / "marker"
    bare = apply("command", argv=["touch", str(marker)], check=True)
    assert (bare["skipped"], bare["changed"]) == (True, False)
    known = apply("command", argv=["touch", str(marker)], creates=str(marker), check=True)
    assert known["changed"] is True
    assert "skipped" not in known
    assert not marker.exists()


def test_it_runs_in_a_directory(apply, tmp_path: Path) -> None:
    before = os.getcwd()
    assert apply("command", _raw_params="pwd", chdir=str(tmp_path))["stdout"] == str(tmp_path)
    assert os.getcwd() == before
    missing = apply("command", _raw_params="pwd", chdir=str(tmp_path / "no"))
    assert missing["msg"].startswith("Unable to change directory before execution")


def test_stdin_ends_with_a_newline_unless_told_not_to(apply) -> None:
    assert apply("command", _raw_params="wc -c", stdin="abc")["stdout"].strip() == "4"
    assert (
        apply("command", _raw_params="wc -c", stdin="abc", stdin_add_newline=False)["stdout"].strip() == "3"
    )
    assert apply("command", _raw_params="cat")["stdout"] == ""


def test_ends_are_kept_when_asked(apply) -> None:
    assert apply("command", _raw_params="echo a", strip_empty_ends=False)["stdout"] == "a\n"


def test_bytes_that_are_no_text_survive(apply) -> None:
    out = apply("command", argv=["printf", "\\377"])["stdout"]
    assert out.encode("utf-8", "surrogateescape") == b"\xff"


def test_mistakes_in_the_line(apply) -> None:
    assert "cannot be split" in apply("command", _raw_params="echo 'open")["msg"]
    assert "one of the following is required" in apply("command")["msg"]
    assert "mutually exclusive" in apply("command", cmd="a", argv=["b"])["msg"]
    assert "no longer supported" in apply("command", cmd="true", executable="/bin/bash")["warnings"][0]


def test_a_deadline_ends_the_command(apply) -> None:
    result = apply("command", _raw_params="sleep 30", timeout_=0.2)
    assert result["msg"] == "Timed out after 0.2 second(s)."
    assert result["failed"] is True


def test_a_shell_reads_the_line(apply, tmp_path: Path) -> None:
    result = apply("shell", _raw_params="echo $((1+1)) | cat && echo $0", chdir=str(tmp_path))
    assert result["stdout_lines"] == ["2", "/bin/sh"]
    assert result["cmd"] == "echo $((1+1)) | cat && echo $0"
    bash = apply("shell", cmd='a=(x y); echo "${a[1]}"', executable="/bin/bash")
    assert bash["stdout"] == "y"
    assert apply("shell", cmd="exit 3")["rc"] == 3
    assert apply("shell", cmd="false", creates="/")["changed"] is False
    assert apply("shell", cmd="x", executable="/no/shell")["failed"] is True


def test_a_script_runs_and_leaves_nothing(apply, tmp_path: Path) -> None:
    body = b'#!/bin/sh\necho "$1/$2"; pwd; exit $3\n'
    result = apply("script", _raw_params="files/my-script.sh 'a b' c 0", blob=body, chdir=str(tmp_path))
    assert (result["stdout_lines"], result["changed"]) == (["a b/c", str(tmp_path)], True)
    assert not {"cmd", "start", "end", "delta", "msg"} & set(result)
    failed = apply("script", cmd="x.sh a b 7", blob=body)
    assert (failed["failed"], failed["rc"], failed["msg"]) == (True, 7, "non-zero return code")
    assert list(tmp_path.iterdir()) == []


def test_a_script_in_any_language_and_without_a_first_line(apply) -> None:
    assert apply("script", cmd="x.py", blob=b"#!/usr/bin/env python3\nprint(6 * 7)\n")["stdout"] == "42\n"
    assert (
        apply("script", cmd="x.py 5", blob=b"import sys; print(sys.argv[1])", executable="python3")["stdout"]
        == "5\n"
    )
    assert apply("script", cmd="x", blob=b"echo plain\n")["stdout"] == "plain\n"
    assert apply("script", cmd="'my script.sh' one > /dev/null", blob=b"echo hidden\n")["stdout"] == ""


def test_a_script_falls_back_to_a_private_file(apply, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.delattr(os, "memfd_create")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    body = b"#!/bin/sh\nls -ld $(dirname $0) | cut -c1-10\n"
    assert apply("script", cmd="x.sh", blob=body)["stdout"] == "drwx------\n"
    assert list(tmp_path.iterdir()) == []


def test_a_script_that_is_not_needed(apply, tmp_path: Path) -> None:
    made = apply("script", cmd="x.sh", blob=b"exit 1", creates=str(tmp_path))
    assert made == {"changed": False, "skipped": True, "msg": f"{tmp_path} exists, matching creates option"}
    gone = apply("script", cmd="x.sh", blob=b"exit 1", removes=str(tmp_path / "x"))
    assert gone["msg"] == f"{tmp_path}/x does not exist, matching removes option"
    assert apply("script", cmd="x.sh", blob=b"exit 1", check=True)["skipped"] is True
    assert "must be an absolute path" in apply("script", cmd="x.sh", blob=b"", chdir="tmp")["msg"]
