"""Many hosts come to a task at the same moment: what it says is compiled once for all of them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from orchestr8.core.span import Text
from orchestr8.template import compiler
from orchestr8.template.scope import Scope
from orchestr8.template.templar import Templar

HOSTS = 8


def _at_once(work: Callable[[Templar, Scope], Any]) -> set[Any]:
    templar, meet, found = Templar(), threading.Barrier(HOSTS), set()

    def one(number: int) -> None:
        meet.wait()
        found.add(work(templar, Scope({"n": number})))

    threads = [threading.Thread(target=one, args=(number,)) for number in range(HOSTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def _counted(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str) -> list[Any]:
    real, calls = getattr(owner, name), []

    def counting(*given: Any) -> Any:
        calls.append(given)
        return real(*given)

    monkeypatch.setattr(owner, name, counting)
    return calls


def test_texts_are_compiled_once(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = _counted(monkeypatch, compiler, "compile_text")
    assert _at_once(lambda templar, scope: templar.render(Text("{{ n + 1 }}"), scope)) == {
        *range(1, HOSTS + 1)
    }
    assert len(calls) == 1


def test_conditions_are_compiled_once(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = _counted(monkeypatch, compiler, "compile_expression")
    assert _at_once(lambda templar, scope: templar.evaluate(Text("n + 1"), scope)) == {*range(1, HOSTS + 1)}
    assert len(calls) == 1


def test_files_are_compiled_once(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = _counted(monkeypatch, compiler.Compiler, "_compiled_file")
    text = "{% for i in [n] %}{{ i }}{% endfor %}"
    found = _at_once(lambda templar, scope: templar.jinja.file(text, "/a.j2", scope, None, ()))
    assert found == {str(number) for number in range(HOSTS)}
    assert len(calls) == 1


def test_there_is_one_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = _counted(monkeypatch, compiler, "Compiler")
    assert len(_at_once(lambda templar, scope: id(templar.jinja))) == 1
    assert len(calls) == 1
