"""What a run keeps of hosts' facts for the next one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from orchestr8.engine.ports import Request
from orchestr8.state.fact_cache import JsonFacts


def test_facts_serve_the_next_run(play: Any, tmp_path: Path) -> None:
    asked: list[str] = []

    def setup(_request: Request) -> dict[str, Any]:
        asked.append("setup")
        return {"changed": False, "ansible_facts": {"ansible_os": "x"}}

    def run(tasks: str) -> Any:
        book = f"- hosts: all\n  gather_facts: true\n  tasks: {tasks}\n"
        cache = JsonFacts(str(tmp_path / "facts"))
        return play(book, hosts={"one": {"setup": setup}}, facts=cache, gathering="smart")

    run("[{set_fact: {kept: 1, cacheable: true}}, {set_fact: {lost: 1, cacheable: 'no'}}]")
    ran = run("[{debug: {msg: '{{ ansible_os }} {{ kept }} {{ lost | default(0) }}'}}, {meta: clear_facts}]")
    assert (ran.msgs("one"), asked) == (["x 1 0"], ["setup"])
    ran = run("[{debug: {msg: '{{ kept | default(0) }}'}}]")
    assert (ran.msgs("one"), asked) == ([0], ["setup", "setup"])
