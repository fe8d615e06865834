"""Verbs without a playbook open what is encrypted in the inventory, too."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestr8.app.fleet import open_fleet
from orchestr8.app.request import FleetRequest
from orchestr8.app.vault import Passwords, as_yaml, seal, sealing
from orchestr8.core.errors import O8Error


@pytest.fixture
def inventory(tmp_path: Path) -> str:
    (tmp_path / "password").write_text("open sesame\n")
    key = sealing(Passwords(files=(str(tmp_path / "password"),)), None)
    (tmp_path / "group_vars").mkdir()
    text = "ansible_become: true\n" + as_yaml(seal(b"of the host", key), "ansible_become_password")
    (tmp_path / "group_vars" / "all.yml").write_text(text + "\n")
    (tmp_path / "hosts").write_text("h1\n")
    return str(tmp_path / "hosts")


def test_an_encrypted_become_password_opens(inventory: str, tmp_path: Path) -> None:
    request = FleetRequest(inventory=(inventory,), vault_password_files=(str(tmp_path / "password"),))
    with open_fleet(request) as fleet:
        become = fleet.become_of("h1")
        assert become is not None
        assert become.password is not None
        assert become.password.reveal() == "of the host"
        assert fleet.templar.redactor.mask("it is of the host") != "it is of the host"


def test_without_the_vaults_password_it_says_where_the_value_is(inventory: str) -> None:
    with open_fleet(FleetRequest(inventory=(inventory,))) as fleet, pytest.raises(O8Error) as told:
        fleet.become_of("h1")
    assert told.value.diagnostics[0].code == "O8-1802"
    assert "group_vars/all.yml:3" in str(told.value.diagnostics[0].span)
