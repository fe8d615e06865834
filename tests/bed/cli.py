"""The bed's command line: up, down, status, reset."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence

from tests.bed.command import BedError
from tests.bed.engine import can_have_engine
from tests.bed.farm import Farm
from tests.bed.fleet import Fleet
from tests.bed.image import forget_images


def main(argv: Sequence[str]) -> int:
    """Do what the arguments ask; a failure is one line and exit code 1."""
    options = parser().parse_args(argv)
    try:
        work(options)
    except BedError as problem:
        print(f"bed: {problem}", file=sys.stderr)
        return 1
    return 0


def parser() -> argparse.ArgumentParser:
    """The arguments that the command line knows."""
    known = argparse.ArgumentParser(prog="python -m tests.bed", description="A real fleet on this machine.")
    known.add_argument("verb", choices=["up", "down", "status", "reset", "farm", "possible"])
    known.add_argument("--name", default="demo", help="which bed (demo)")
    known.add_argument("--hosts", type=int, default=4, help="how many hosts (4)")
    known.add_argument("--json", action="store_true", help="print the state as JSON")
    known.add_argument("--stop", action="store_true", help="farm: stop it")
    known.add_argument("--images", action="store_true", help="down, reset: forget images too")
    return known


def work(options: argparse.Namespace) -> None:
    """Carry out one verb and print the state it leaves."""
    started = time.monotonic()
    if options.verb == "possible":
        require_possible()
        return
    if options.verb == "farm":
        raise_farm(stay=not options.stop)
        return
    fleet = Fleet.named(options.name, options.hosts)
    if options.verb == "up":
        fleet.up()
    elif options.verb == "reset":
        fleet.reset(images=options.images)
    elif options.verb == "down":
        take_down(fleet, images=options.images)
        return
    print(json.dumps(fleet.status(), indent=2) if options.json else table(fleet.status()))
    if options.verb == "up" and not options.json:
        print(f"up in {time.monotonic() - started:.1f} s; key {fleet.bed.key}")


def require_possible() -> None:
    """Fail with the reason where no engine can be had."""
    if reason := can_have_engine():
        raise BedError(f"no Docker engine can be had: {reason}")


def take_down(fleet: Fleet, *, images: bool) -> None:
    """Remove the fleet, and the images of all beds when that is asked too."""
    fleet.down()
    if images:
        forget_images("*")
    print(f"the bed `{fleet.bed.name}` is gone")


def raise_farm(*, stay: bool) -> None:
    """Start the farm and print the way in, or stop it."""
    if not stay:
        Farm.stop()
        print("the farm is gone")
        return
    farm = Farm.standing()
    print(f"{farm.user}@127.1.0.1 … port {farm.port}; key {farm.key}; known hosts {farm.known_hosts}")


def table(status: dict[str, object]) -> str:
    """The state as lines for a reader."""
    registry, hosts = status["registry"], status["hosts"]
    assert isinstance(registry, dict)
    assert isinstance(hosts, list)
    lines = [f"{'registry':<10}{registry['address']:<20}{answers(registry['up'])}"]
    for host in hosts:
        services = f"ssh {answers(host['ssh'])}, engine {answers(host['engine'])}"
        lines.append(f"{host['name']:<10}{host['address']:<20}{services}")
    return "\n".join(lines)


def answers(up: bool) -> str:
    """Up or down, in words."""
    return "up" if up else "down"
