from __future__ import annotations

from importlib import import_module

import pytest

from orchestr8.template import tables


@pytest.mark.parametrize("kind", ["filters", "tests", "lookups"])
def test_the_tables_say_what_the_modules_hold(kind: str) -> None:
    themes = getattr(tables, kind.upper())
    for theme, names in themes.items():
        module = import_module(f"orchestr8.template.{kind}.{theme}")
        assert set(names) == set(module.NAMES)
        assert all(callable(function) for function in module.NAMES.values())


def test_full_names_are_known() -> None:
    assert tables.filter_table()["ansible.builtin.ternary"](True, 1, 2) == 1
    assert "nofilter" not in tables.filter_table()
    assert tables.test_table()["ansible.builtin.changed"]({"changed": True})
