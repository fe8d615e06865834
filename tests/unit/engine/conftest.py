"""Runs playbooks against hosts in memory."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from orchestr8.app.catalog import Actions, catalog
from orchestr8.core.clock import ManualClock
from orchestr8.core.event import Event, HostFinished, ItemFinished, TaskStarted, Warned
from orchestr8.engine.options import RunOptions
from orchestr8.engine.ports import FactCache, Request, Terminal
from orchestr8.engine.run import Means, Run
from orchestr8.engine.tally import RunResult
from orchestr8.inventory.sources import load
from orchestr8.language.files import Files
from orchestr8.language.load import Loader
from orchestr8.template.templar import Templar
from orchestr8.transport.endpoints import endpoint
from orchestr8.transport.memory import MemoryHost, MemoryTransport

Answer = Callable[[Request], dict[str, Any]]


@dataclass
class Events:
    all: list[Event] = field(default_factory=list)

    def emit(self, event: Event) -> None:
        self.all.append(event)


@dataclass
class Ran:
    """What a run did, in words that tests compare."""

    result: RunResult
    events: list[Event]
    hosts: Mapping[str, MemoryHost]

    def ends(self, host: str | None = None) -> list[str]:
        """Return "task host status" lines in the order things ended."""
        names = {e.key: e.name or e.action for e in self.events if isinstance(e, TaskStarted)}
        ended = [e for e in self.events if isinstance(e, HostFinished) and host in (None, e.host)]
        where = (lambda e: "") if host else (lambda e: f" {e.host}")
        return [f"{names.get(e.key, e.key)}{where(e)} {_word(e.outcome)}" for e in ended]

    def results(self, task: str, host: str) -> list[Mapping[str, Any]]:
        keys = [e.key for e in self.events if isinstance(e, TaskStarted) and (e.name or e.action) == task]
        return [
            e.outcome.result
            for e in self.events
            if isinstance(e, HostFinished) and e.key in keys and e.host == host
        ]

    def warnings(self) -> list[str]:
        """Return what was warned of."""
        return [event.diagnostic.message for event in self.events if isinstance(event, Warned)]

    def last(self, task: str, host: str) -> Mapping[str, Any]:
        return self.results(task, host)[-1]

    def msgs(self, host: str) -> list[Any]:
        """Return the messages of all debug tasks and their items."""
        out: list[Any] = []
        for event in self.events:
            if not isinstance(event, HostFinished | ItemFinished) or event.host != host:
                continue
            if "msg" in event.outcome.result and not getattr(event, "loop", False):
                out.append(event.outcome.result["msg"])
        return out

    def tally(self, host: str) -> dict[str, int]:
        tally = self.result.tallies[host]
        return {name: getattr(tally, name) for name in tally.__slots__ if getattr(tally, name)}


def _word(outcome: Any) -> str:
    return f"{outcome.status.value}{' ignored' if outcome.ignored else ''}"


def ok(_request: Request) -> dict[str, Any]:
    return {"changed": False, "rc": 0, "stdout": "", "stderr": ""}


def changed(_request: Request) -> dict[str, Any]:
    return {"changed": True, "rc": 0, "stdout": "a\nb", "stderr": ""}


@pytest.fixture
def play(tmp_path: Path) -> Callable[..., Ran]:
    def run(
        text: str,
        *,
        hosts: Mapping[str, Mapping[str, Answer]] | list[str] | None = None,
        files: Mapping[str, str] | None = None,
        inventory: str | None = None,
        begun: Callable[[Run], None] | None = None,
        private_roles: bool | None = None,
        repeated: str = "warn",
        facts: FactCache | None = None,
        confirm: Callable[[str], str] | None = None,
        terminal: Terminal | None = None,
        **options: Any,
    ) -> Ran:
        for name, content in (files or {}).items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(textwrap.dedent(content))
        book = tmp_path / "site.yml"
        book.write_text(textwrap.dedent(text))
        given = hosts if isinstance(hosts, Mapping) else {name: {} for name in hosts or ["one"]}
        inv = tmp_path / "hosts"
        inv.write_text(textwrap.dedent(inventory) if inventory else "\n".join(given) + "\n")
        actions = Actions()
        modules = catalog(actions)
        loader = Loader(modules, private_roles=private_roles, files=Files(repeated=repeated))
        memory = {
            name: MemoryHost(answers={"ping": ok, "command": changed, "shell": changed, **answers})
            for name, answers in given.items()
        }
        events = Events()
        means = Means(
            inventory=load([str(inv)]),
            catalog=modules,
            loader=loader,
            actions=actions,
            transport=MemoryTransport(memory),
            endpoint=endpoint,
            sink=events,
            templar=Templar(),
            options=RunOptions(**{"playbook_dir": str(tmp_path), "gathering": "explicit", **options}),
            facts=facts,
            confirm=confirm,
            terminal=terminal,
            clock=ManualClock(),
        )
        playbook = loader.playbook([str(book)])
        made = Run(means)
        if begun:
            begun(made)
        result = made.playbook(playbook)
        return Ran(result, events.all, memory)

    return run
