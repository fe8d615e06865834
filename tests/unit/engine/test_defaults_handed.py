"""`module_defaults` of the module that does the work of `service` or `package`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from orchestr8.engine.ports import Request

Play = Callable[..., Any]

DEFAULTS = """
- hosts: all
  gather_facts: false
  tasks:
    - set_fact: {"ansible_facts": {"service_mgr": MANAGER}}
    - service: {state: started}
      module_defaults:
        systemd: {name: "{{ 'of-systemd' }}", enabled: true, state: stopped}
        sysvinit: {name: of-sysvinit}
        service: {enabled: false}
"""


@pytest.mark.parametrize(
    ("manager", "name"), [("systemd", "of-systemd"), ("sysvinit", "of-sysvinit"), ("openrc", None)]
)
def test_they_hold_where_the_host_has_that_manager(play: Play, manager: str, name: str | None) -> None:
    seen: list[dict[str, Any]] = []

    def service(request: Request) -> dict[str, Any]:
        seen.append(dict(request.args))
        return {"changed": False}

    play(DEFAULTS.replace("MANAGER", manager), hosts={"a": {"service": service}})
    assert [(args.get("name"), args["state"], args["enabled"]) for args in seen] == [(name, "started", False)]
