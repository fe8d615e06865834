"""Fabric comes without its ballast, and the ballast comes when asked for."""

from __future__ import annotations

import subprocess
import sys

import pytest

LOAD = "import sys; from orchestr8.transport.spared import spared\nwith spared(): import fabric, paramiko\n"


def said(program: str) -> str:
    done = subprocess.run([sys.executable, "-c", LOAD + program], capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.mark.parametrize(
    "name", ["asyncio", "unittest", "email", "zipfile", "importlib.metadata", "invoke.vendor.yaml"]
)
def test_ballast_stays_away(name: str) -> None:
    assert said(f"print({name!r} in sys.modules)") == "False"


def test_what_was_left_out_is_itself_afterwards() -> None:
    program = """
import unittest.mock, importlib.metadata as m
print(unittest.mock.patch.__name__, m.version("paramiko") == paramiko.__version__)
"""
    assert said(program) == "patch True"


def test_what_was_left_out_works_where_it_was_taken_from() -> None:
    program = """
import invoke.context, invoke.util
print(invoke.context.Mock(return_value=7)(), invoke.util.yaml.safe_load("[1]"))
"""
    assert said(program) == "7 [1]"


def test_somebody_else_may_ask_for_it_meanwhile() -> None:
    program = """
with spared():
    import importlib.metadata as m
    print(m.version("click") > "8", callable(m.entry_points))
"""
    assert said(program) == "True True"


def test_what_is_loaded_already_stays() -> None:
    program = """
import unittest.mock
with spared():
    import unittest.mock as again
    print(again is sys.modules["unittest.mock"], callable(again.patch))
"""
    assert said(program) == "True True"
