"""A bed's names and addresses follow from its name alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.bed import BedError, Fleet
from tests.bed.layout import layout

NAMES = st.from_regex(r"[a-z0-9]{1,12}", fullmatch=True)


def test_the_beds_with_known_names_share_no_network() -> None:
    assert len({layout(name).subnet for name in ("demo", "test", "test2")}) == 3


@given(NAMES)
def test_every_name_has_one_private_network(name: str) -> None:
    bed = layout(name)
    assert bed == layout(name)
    assert bed.subnet.is_private
    assert bed.address(11).split(".")[:3] == bed.address(2).split(".")[:3]


@pytest.mark.parametrize("name", ["", "Demo", "a b", "../x", "a-b", "é"])
def test_a_name_that_could_be_misread_is_refused(name: str) -> None:
    with pytest.raises(BedError, match="lower-case"):
        layout(name)


@pytest.mark.parametrize(
    ("variable", "name"),
    [("O8_BED_SUBNET", "demo"), ("O8_BED_SUBNET_TEST", "test"), ("O8_BED_SUBNET_X1", "x1")],
)
def test_the_environment_moves_a_bed(monkeypatch: pytest.MonkeyPatch, variable: str, name: str) -> None:
    monkeypatch.setenv(variable, "10.99.7.0/24")
    assert layout(name).registry == "10.99.7.2:5000"


@pytest.mark.parametrize(
    ("subnet", "reason"),
    [("10.1.2.3/24", "host bits"), ("nowhere", "not an IPv4"), ("10.1.2.0/28", "too small")],
)
def test_a_subnet_that_cannot_be_used_is_refused(
    monkeypatch: pytest.MonkeyPatch, subnet: str, reason: str
) -> None:
    monkeypatch.setenv("O8_BED_SUBNET", subnet)
    with pytest.raises(BedError, match=reason):
        layout("demo")


def test_a_fleet_knows_its_hosts_without_running() -> None:
    fleet = Fleet.named("demo", 3)
    assert [(host.name, host.address) for host in fleet.hosts] == [
        ("h1", "10.83.0.11"),
        ("h2", "10.83.0.12"),
        ("h3", "10.83.0.13"),
    ]
    assert fleet.image("v1") == "10.83.0.2:5000/app:v1"
    with pytest.raises(BedError, match="no host 'h4'"):
        fleet.host("h4")


@pytest.mark.parametrize("name", ["farm", "build", "engine"])
def test_the_beds_own_names_are_no_fleets(name: str) -> None:
    with pytest.raises(BedError, match="taken"):
        Fleet.named(name)


@pytest.mark.parametrize("hosts", [0, 201])
def test_a_fleet_has_a_sensible_size(hosts: int) -> None:
    with pytest.raises(BedError, match="1 to 200"):
        Fleet.named("demo", hosts)


def test_the_inventory_names_the_same_hosts() -> None:
    text = (Path(__file__).parents[3] / "inventories/demo/hosts.yml").read_text()
    for host in Fleet.named("demo").hosts:
        assert (
            f'{host.name}:\n      ansible_host: "{{{{ fleet_net }}}}.{host.address.split(".")[-1]}"' in text
        )
