"""A failing template tells where the variable was set, in whichever layer of the host it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestr8.core.errors import Diagnostic, HostFailed, O8Error
from orchestr8.core.span import Span, Text
from orchestr8.engine import results
from orchestr8.engine.hosts import Hosts
from orchestr8.inventory.sources import load
from orchestr8.template.scope import Scope
from orchestr8.template.templar import Templar


def test_the_place_of_every_definition_is_named(tmp_path: Path) -> None:
    for folder, text in (("group_vars", "web: {port: 1}\n"), ("host_vars", "\nweb: {port: 2}\n")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / ("all.yml" if folder == "group_vars" else "a.yml")).write_text(text)
    (tmp_path / "hosts").write_text("a\n")
    state = Hosts(load([str(tmp_path / "hosts")]))("a")
    assert state.inventory["web"] == {"port": 2}
    with pytest.raises(O8Error) as failure:
        Templar().render(Text("{{ web.prot }}"), Scope(state.inventory))
    strong, weak = f"{tmp_path}/host_vars/a.yml:2:1", f"{tmp_path}/group_vars/all.yml:1:1"
    assert failure.value.diagnostics[0].notes[-1] == f"`web` is set at {strong}, over {weak}"


def test_the_end_of_a_run_names_it() -> None:
    span, note = Span("site.yml", 6, 28), "`web` is set at hosts:1:3, over all.yml:1:1"
    error = HostFailed(Diagnostic("O8-1303", "no", span, "a hint", notes=("`web` has port", note)))
    assert results.failure(error)[results.PLACE] == f"site.yml:6:28; {note}"
