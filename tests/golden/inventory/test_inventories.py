"""Inventories beside what Ansible makes of them: `--list` as JSON and the graph with variables."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from orchestr8.inventory.dump import Shown, as_graph, as_list
from orchestr8.inventory.inventory import Inventory
from orchestr8.inventory.sources import load

CASES = sorted(path for path in (Path(__file__).parent / "cases").iterdir() if path.is_dir())


def inventory_of(case: Path) -> Inventory:
    return load([str(next(case.glob("inventory*")))])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_list_is_ansibles(case: Path) -> None:
    assert as_list(Shown(inventory_of(case))) == json.loads((case / "list.json").read_text())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_graph_is_ansibles(case: Path) -> None:
    assert as_graph(Shown(inventory_of(case)), variables=True) + "\n" == (case / "graph.txt").read_text()
