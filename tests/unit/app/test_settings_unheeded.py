"""What is said of settings that have no equal."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestr8.app.settings import Settings
from orchestr8.app.settings_unheeded import differing, passed_over

WRITTEN = """\
[defaults]
forks = 3
nocows = 1
error_on_undefined_vars = %s
jinja2_extensions = %s

[ssh_connection]
pipelining = True
ssh_executable = %s
"""


def settings(tmp_path: Path, *values: str) -> Settings:
    (tmp_path / "ansible.cfg").write_text(WRITTEN % values)
    return Settings({}, str(tmp_path))


def test_what_could_change_a_run_is_told_with_its_place(tmp_path: Path) -> None:
    found = settings(tmp_path, "no", "jinja2.ext.do,my.ext", "/opt/wrapper")
    told = list(differing(found))
    assert [each.span and each.span.line for each in told] == [4, 5, 9]
    assert all(each.severity == "warning" for each in told)
    assert passed_over(found) == ["nocows", "pipelining"]


def test_values_that_are_so_anyway_are_not_told(tmp_path: Path) -> None:
    assert list(differing(settings(tmp_path, "yes", "jinja2.ext.do", "ssh"))) == []


def test_the_environment_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANSIBLE_PRECEDENCE", "all_inventory")
    (told,) = differing(settings(tmp_path, "yes", "do", "ssh"))
    assert "ANSIBLE_PRECEDENCE" in told.message
