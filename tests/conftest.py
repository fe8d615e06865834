"""Fixtures that every part of the suite may ask for: the real fleet and the farm of addresses."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.bed import BedError, Farm, Fleet, Host
from tests.bed.engine import can_have_engine
from tests.services_stage import Stage

FLEET_HOSTS = 4

# A busy machine is no defect: no test fails because an example took long. CI tries the same ones every time.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("patient"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") == "true" else "patient")


def require_engine() -> None:
    """Skip where no engine can be had; in CI fail instead."""
    reason = can_have_engine()
    if not reason:
        return
    if os.environ.get("CI") == "true":
        pytest.fail(f"no Docker engine: {reason}", pytrace=False)
    pytest.skip(f"no Docker engine: {reason}")


def bed_name() -> str:
    """The bed of this process: `test`, and `test2`, … for the further workers of a run in parallel."""
    number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) + 1
    return os.environ.get("O8_BED_NAME", "test") + (str(number) if number > 1 else "")


@pytest.fixture(scope="session")
def fleet() -> Fleet:
    """The fleet of this process's bed with hosts h1 to h4, up; it is left running for the next run.

    What a run that was cut off has left on the hosts is removed first.
    """
    require_engine()
    fleet = Fleet.named(bed_name(), FLEET_HOSTS)
    try:
        fleet.up()
        fleet.reset()
    except BedError as problem:
        pytest.fail(f"the bed does not come up: {problem}", pytrace=False)
    return fleet


@pytest.fixture(scope="session")
def booted(fleet: Fleet) -> Host:
    """The host `sysd`, which systemd runs; it is brought up by the first test that asks for it."""
    try:
        return fleet.booted()
    except BedError as problem:
        pytest.fail(f"the host that systemd runs does not come up: {problem}", pytrace=False)


@pytest.fixture
def clean_fleet(fleet: Fleet) -> Iterator[Fleet]:
    """The fleet with hosts as they were in the beginning; faults a test leaves are repaired after it."""
    fleet.reset()
    yield fleet
    fleet.repair()


@pytest.fixture
def stage(fleet: Fleet, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Stage]:
    """A project named after the test; nothing of it is left on the hosts, nor of the faults it made."""
    name = re.sub(r"[^a-z0-9]+", "-", request.node.name.lower())[:40].strip("-")
    made = Stage(fleet, f"t-{name}", tmp_path)
    made.clean()
    yield made
    fleet.repair()
    made.clean()


@pytest.fixture(scope="session")
def farm() -> Callable[[int], tuple[Farm, list[str]]]:
    """`farm(n)` gives the way into the farm and n addresses that each answer as a host of their own."""
    require_engine()
    standing = Farm.standing()
    return lambda count: (standing, standing.addresses(count))
