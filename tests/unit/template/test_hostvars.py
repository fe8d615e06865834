from __future__ import annotations

from orchestr8.core.span import Mapping, Text
from orchestr8.template.scope import Scope
from orchestr8.template.templar import Templar
from orchestr8.template.variables import HostVars

SHARED = Mapping(
    [
        ("me", Text("{{ ip }}")),
        ("chain", Text("{{ (hostvars[before].chain if before else '') ~ me }}")),
    ]
)


def scopes() -> tuple[Templar, dict[str, Scope]]:
    templar, found = Templar(), {}
    hostvars = HostVars(templar, lambda: found, lambda name: found[name])
    for name, before in (("a", None), ("b", "a")):
        found[name] = Scope({"ip": f"10.{name}", "before": before, "hostvars": hostvars}, SHARED)
    return templar, found


def test_each_host_is_rendered_in_its_own_scope() -> None:
    templar, found = scopes()
    assert (
        templar.render(Text("{{ hostvars.a.me }} {{ hostvars['b'].me }} {{ me }}"), found["b"])
        == "10.a 10.b 10.b"
    )
    text = Text("{{ hostvars | map('extract', hostvars, 'me') | list }}")
    assert templar.render(text, found["a"]) == ["10.a", "10.b"]


def test_the_same_template_may_recurse_over_hosts() -> None:
    templar, found = scopes()
    assert templar.render(Text("{{ chain }}"), found["b"]) == "10.a10.b"


def test_unknown_hosts_are_missing_values() -> None:
    templar, found = scopes()
    assert templar.render(Text("{{ hostvars.zz.me | default('none') }}"), found["a"]) == "none"
