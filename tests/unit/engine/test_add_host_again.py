"""add_host tells whether the inventory learned something, over tasks and within a loop."""

from __future__ import annotations

from typing import Any, cast

from orchestr8.actions.add_host import run
from orchestr8.engine.work import Notes, Work
from orchestr8.template.scope import Scope


class _Task:
    span = None


def _work(args: dict[str, Any], scope: dict[str, Any], *earlier: Notes) -> Work:
    nothing = cast("Any", None)
    task = cast("Any", _Task())
    return Work(task, "a", "a", args, Scope(scope), nothing, nothing, nothing, nothing, earlier=earlier)


KNOWN = {"groups": {"all": ["b"], "web": ["b"]}, "hostvars": {"b": {"x": 1}}}


def test_a_known_host_is_no_change() -> None:
    assert run(_work({"name": "b"}, KNOWN))["changed"] is False
    assert run(_work({"name": "b", "groups": "web", "x": 1}, KNOWN))["changed"] is False


def test_a_new_host_group_or_value_is_a_change() -> None:
    assert run(_work({"name": "c"}, KNOWN))["changed"] is True
    assert run(_work({"name": "b", "groups": ["db"]}, KNOWN))["changed"] is True
    assert run(_work({"name": "b", "x": 2}, KNOWN))["changed"] is True


def test_an_earlier_item_of_the_loop_counts() -> None:
    first = _work({"name": "c"}, KNOWN)
    assert run(first)["changed"] is True
    assert run(_work({"name": "c"}, KNOWN, first.notes))["changed"] is False


def test_a_port_is_split_from_the_name() -> None:
    described = run(_work({"name": "127.0.1.1:2222"}, KNOWN))["add_host"]
    assert described == {"host_name": "127.0.1.1", "groups": [], "host_vars": {"ansible_ssh_port": 2222}}
