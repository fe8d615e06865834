"""Playbooks written as text."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from orchestr8.app.catalog import Actions, catalog
from orchestr8.language.load import Loader
from orchestr8.language.syntax import Play, Playbook, Task

Write = Callable[..., Playbook]


@pytest.fixture
def loader() -> Loader:
    return Loader(catalog(Actions()))


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Return a function that writes files (`playbook.yml` among them) and loads the playbook."""
    monkeypatch.chdir(tmp_path)

    def write(playbook: str, files: Mapping[str, str] | None = None) -> Playbook:
        for name, text in {"playbook.yml": playbook, **(files or {})}.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return Loader(catalog(Actions())).playbook(["playbook.yml"])

    return write


@pytest.fixture
def play(load: Write) -> Callable[..., Play]:
    """Return a function that loads one play for all hosts from its other keywords."""

    def one(rest: str, files: Mapping[str, str] | None = None) -> Play:
        return load("- hosts: all\n" + rest, files).plays[0]

    return one


@pytest.fixture
def task(play: Callable[..., Play]) -> Callable[[str], Task]:
    """Return a function that loads one task."""

    def one(text: str) -> Task:
        body = "\n".join("      " + line for line in text.splitlines())
        node = play("  tasks:\n    - " + body.strip() + "\n").tasks[0]
        assert isinstance(node, Task)
        return node

    return one
