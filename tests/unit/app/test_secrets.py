"""Encrypted values and files in a run: opened where they are used, masked where they would be read."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from orchestr8.app.secrets import Masked
from orchestr8.app.vault import Passwords, as_yaml, seal, sealing
from orchestr8.cli.main import _run
from orchestr8.core.errors import Diagnostic
from orchestr8.core.event import Event, HostFinished, Warned
from orchestr8.core.outcome import Outcome, Status
from orchestr8.template.secrets import Redactor

BOOK = """
- hosts: x
  gather_facts: false
  vars_files: [whole.yml, single.yml]
  tasks:
    - debug: {msg: "{{ whole }} and {{ single }}"}
    - assert: {that: ["whole == 'from the file'", "single == 'from the value'"]}
"""


def test_what_a_vault_held_is_used_and_never_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "password").write_text("open sesame\n")
    key = sealing(Passwords(files=("password",)), None)
    (tmp_path / "whole.yml").write_text(seal(b"whole: from the file\n", key))
    (tmp_path / "single.yml").write_text(as_yaml(seal(b"from the value", key), "single") + "\n")
    (tmp_path / "site.yml").write_text(BOOK)
    options = ["run", "site.yml", "-i", "x,", "--plain"]
    monkeypatch.setattr(sys, "argv", ["o8", *options, "--vault-password-file", "password"])
    code, shown = _run(), capsys.readouterr()
    assert code == 0, shown
    assert '"msg": "******** and ********"' in shown.out
    monkeypatch.setattr(sys, "argv", ["o8", *options])
    assert _run() == 1
    assert "whole.yml:1:1" in capsys.readouterr().err


def test_events_are_masked_but_for_the_names_that_reporters_look_up() -> None:
    redactor, told = Redactor(), []
    redactor.learn("hunter22")

    class Told:
        def emit(self, event: Event) -> None:
            told.append(event)

    masked = Masked(Told(), redactor)
    masked.emit(HostFinished("hunter22", "h", Outcome(Status.FAILED, {"a": ["x hunter22"]}, "hunter22 no")))
    masked.emit(Warned(Diagnostic("O8-1401", "hunter22", notes=("at hunter22",))))
    first, second = told
    assert first.key == "hunter22"
    assert first.outcome == Outcome(Status.FAILED, {"a": ["x ********"]}, "******** no")
    assert (second.diagnostic.message, second.diagnostic.notes) == ("********", ("at ********",))
