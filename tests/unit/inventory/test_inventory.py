from __future__ import annotations

from threading import Thread

import pytest

from orchestr8.core.errors import InvalidInput
from orchestr8.inventory.inventory import Inventory
from orchestr8.inventory.magic import magic_for
from orchestr8.inventory.sources import load


@pytest.fixture
def inventory() -> Inventory:
    return load(["a.example.com,b,"])


def test_localhost_is_there_without_being_named(inventory: Inventory) -> None:
    host = inventory.host("localhost")
    assert host is not None
    assert (host.implicit, host.vars["ansible_connection"]) == (True, "local")
    assert "localhost" not in [each.name for each in inventory.select("all")]
    assert inventory.host("nosuch") is None


def test_a_named_localhost_is_no_implicit_one() -> None:
    host = load(["localhost,"]).host("localhost")
    assert host is not None
    assert not host.implicit


def test_add_host_makes_hosts_and_groups(inventory: Inventory) -> None:
    host, changed = inventory.add_host("new:2222", ["web"], {"x": 1})
    assert (host.name, changed, host.vars) == ("new", True, {"ansible_port": 2222, "x": 1})
    assert [each.name for each in inventory.select("web")] == ["new"]
    assert [each.name for each in inventory.select("all")] == ["a.example.com", "b", "new"]
    assert inventory.add_host("new", ["web"], {"x": 1})[1] is False
    assert inventory.add_host("new", [], {"x": 2})[1] is True
    assert inventory.group_names(host) == ["web"]


def test_add_host_refuses_dangerous_names(inventory: Inventory) -> None:
    with pytest.raises(InvalidInput, match="no name"):
        inventory.add_host("-oProxyCommand=x")
    with pytest.raises(InvalidInput, match="no name"):
        inventory.add_host("ok", ["a b"])


def test_group_by_nests_groups(inventory: Inventory) -> None:
    host = inventory.hosts["b"]
    assert inventory.group_by(host, "os_debian", ["linux"]) is True
    assert inventory.group_by(host, "os_debian", ["linux"]) is False
    assert inventory.group_names(host) == ["linux", "os_debian"]
    assert inventory.groups["os_debian"].depth == 2
    assert [each.name for each in inventory.select("ungrouped")] == ["a.example.com"]


def test_many_threads_may_add_hosts(inventory: Inventory) -> None:
    def add(start: int) -> None:
        for number in range(start, start + 50):
            inventory.add_host(f"h{number}", ["many"])

    threads = [Thread(target=add, args=(50 * number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(inventory.select("many")) == 200


def test_magic_variables(inventory: Inventory) -> None:
    magic = magic_for(inventory, inventory.hosts["a.example.com"])
    assert magic["inventory_hostname_short"] == "a"
    assert magic["group_names"] == ["ungrouped"]
    assert dict(magic["groups"]) == {"all": ["a.example.com", "b"], "ungrouped": ["a.example.com", "b"]}


def test_the_hosts_of_a_group_are_listed_once_until_somebody_joins(inventory: Inventory) -> None:
    groups = magic_for(inventory, inventory.hosts["b"])["groups"]
    assert groups["all"] == ["a.example.com", "b"]
    assert inventory.member_names("all") is inventory.member_names("all")
    groups["all"].append("a template's own")
    inventory.add_host("c", ["late"])
    inventory.group_by(inventory.hosts["b"], "later", ["late"])
    assert sorted(groups["all"]) == ["a.example.com", "b", "c"]
    assert (groups["late"], groups["later"]) == (["c", "b"], ["b"])
    assert "nobody" not in groups
