"""What is said of roles that are not there."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestr8.language.galaxy import advice


@pytest.mark.parametrize(
    ("role", "said"),
    [
        ("geerlingguy.nginx", "`ansible-galaxy role install geerlingguy.nginx` may install it"),
        ("a.b.c", "`ansible-galaxy collection install a.b` may install it"),
        ("common", None),
        ("../x.y", None),
    ],
)
def test_names_tell_what_installs_a_role(role: str, said: str | None, tmp_path: Path) -> None:
    assert advice(role, str(tmp_path)) == said


def test_requirements_of_the_project_count(tmp_path: Path) -> None:
    path = tmp_path / "roles/requirements.yml"
    path.parent.mkdir()
    path.write_text("roles:\n  - src: https://example.org/common.git\n    name: common\ncollections: [a.b]\n")
    for role in ("common", "a.b.c"):
        assert advice(role, str(tmp_path)) == f"`ansible-galaxy install -r {path}` installs it"
    assert advice("commo", str(tmp_path)) is None
