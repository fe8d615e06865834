from __future__ import annotations

from pathlib import Path

import pytest

from orchestr8.core.errors import InvalidInput
from orchestr8.inventory.inventory import Inventory
from orchestr8.inventory.patterns import split
from orchestr8.inventory.sources import load

TEXT = "alpha\nbeta01.example.com\n[web]\nweb[1:3]\ngamma[a:b]\n[db:children]\nweb\nother\n[other]\ndb1\n"


@pytest.fixture
def inventory(tmp_path: Path) -> Inventory:
    (tmp_path / "hosts").write_text(TEXT)
    return load([str(tmp_path / "hosts")])


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("all", "alpha beta01.example.com web1 web2 web3 gammaa gammab db1"),
        ("*", "alpha beta01.example.com web1 web2 web3 gammaa gammab db1"),
        ("web", "web1 web2 web3 gammaa gammab"),
        ("web:!web1", "web2 web3 gammaa gammab"),
        ("!web", "alpha beta01.example.com db1"),
        ("web:&other", ""),
        ("db:&web:!web2", "web1 web3 gammaa gammab"),
        ("!web1:web", "web2 web3 gammaa gammab"),
        ("all[0]", "alpha"),
        ("web[-1]", "gammab"),
        ("web[1:2]", "web2 web3"),
        ("web[1-2]", "web2 web3"),
        ("web[3:]", "gammaa gammab"),
        ("web[9]", ""),
        ("web[0:1]:db1", "web1 web2 db1"),
        ("web*", "web1 web2 web3 gammaa gammab"),
        ("w?b1", "web1"),
        ("*.example.com", "beta01.example.com"),
        ("~web[12]", "web1 web2"),
        ("~(alpha|db1)", "alpha db1"),
        ("web1:other:alpha", "web1 db1 alpha"),
        ("web,db1", "web1 web2 web3 gammaa gammab db1"),
        ("web1, db1", "web1 db1"),
        ("ungrouped", "alpha beta01.example.com"),
        ("localhost", "localhost"),
        ("all:!all", ""),
    ],
)
def test_patterns(pattern: str, expected: str, inventory: Inventory) -> None:
    assert " ".join(host.name for host in inventory.select(pattern)) == expected


def test_limits_keep_the_order_of_the_pattern(inventory: Inventory) -> None:
    assert [host.name for host in inventory.select("web", "web3,web1,db1")] == ["web1", "web3"]
    assert [host.name for host in inventory.select(["web", "db1"], "!web")] == ["db1"]


def test_limits_come_from_files(inventory: Inventory, tmp_path: Path) -> None:
    (tmp_path / "limit").write_text("# failed last time\nweb2\ndb1\n")
    assert [host.name for host in inventory.select("all", f"@{tmp_path}/limit")] == ["web2", "db1"]
    with pytest.raises(InvalidInput, match="cannot be read"):
        inventory.select("all", "@/nowhere/limit")


def test_what_matches_nothing_is_warned_about(inventory: Inventory) -> None:
    found = inventory.selection("wbe:alpha")
    assert [host.name for host in found.hosts] == ["alpha"]
    assert str(found.warnings[0]) == (
        "warning[O8-1507]: Could not match supplied host pattern, ignoring: wbe (hint: did you mean `web`?)"
    )


def test_a_wrong_regular_expression_is_an_error(inventory: Inventory) -> None:
    with pytest.raises(InvalidInput, match="no regular expression"):
        inventory.select("~(")


def test_splitting() -> None:
    assert split("a:b[1:2]:!c") == ["a", "b[1:2]", "!c"]
    assert split("a,b:c") == ["a", "b", "c"]
    assert split("2001:db8::1") == ["2001:db8::1"]
    assert split(["a:b", "c"]) == ["a", "b", "c"]


def test_nothing_but_commas_leaves_nobody_out(tmp_path: Path) -> None:
    (tmp_path / "hosts").write_text("a\nb\n")
    inventory = load([str(tmp_path / "hosts")])
    everybody = ["a", "b"]
    assert [host.name for host in inventory.select(",,")] == everybody
    assert [host.name for host in inventory.select("all", ",")] == everybody
    assert [host.name for host in inventory.select("all", "a,,")] == ["a"]
    assert inventory.select("") == []


def test_a_folder_is_no_limit_file(tmp_path: Path) -> None:
    (tmp_path / "hosts").write_text("a\nb\n")
    with pytest.raises(InvalidInput, match="must be a file"):
        load([str(tmp_path / "hosts")]).select("all", f"@{tmp_path}")
