"""Many addresses, one sshd: each 127.x.y.z is a host of its own, for fan-out tests and benchmarks."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

from tests.bed import container, image, keys
from tests.bed.command import BedError
from tests.bed.engine import ensure_engine
from tests.bed.fleet import locked
from tests.bed.host import greets
from tests.bed.layout import Layout, layout

PORT = 2222
LISTED = 2000
START_LIMIT = 60.0


@dataclass(frozen=True)
class Farm:
    """The way into the farm; a login is an unprivileged user with /bin/sh and no rc files."""

    key: Path
    known_hosts: Path
    port: int = PORT
    user: str = "farm"

    @classmethod
    def standing(cls) -> Farm:
        """The farm, started if it does not run; `O8_BED_FARM_PORT` moves it."""
        bed = layout("farm")
        farm = cls(bed.key, bed.known_hosts, int(os.environ.get("O8_BED_FARM_PORT", PORT)))
        ensure_engine()
        with locked():
            start(bed, farm)
        return farm

    @staticmethod
    def stop() -> None:
        """Remove the farm."""
        bed = layout("farm")
        with locked():
            container.remove(container.names(bed))
            keys.forget_keys(bed)

    def addresses(self, count: int) -> list[str]:
        """The first so many addresses of the farm."""
        if not 0 <= count <= LISTED:
            raise BedError(f"the farm has {LISTED} addresses, not {count}")
        return [f"127.1.{number // 250}.{number % 250 + 1}" for number in range(count)]


def start(bed: Layout, farm: Farm) -> None:
    """Start the farm's container unless it runs, and wait for its greeting."""
    keys.ensure_key(bed.key, "farm.bed")
    seed = keys.seed(bed, "farm")
    arguments = [
        *("--network", "host", "--pids-limit", "-1", *keys.mounted(seed)),
        *("--env", "BED_ROLE=farm", "--env", f"BED_PORT={farm.port}", image.host_image()),
    ]
    container.ensure_container(bed, bed.container("sshd"), arguments, container.running(bed))
    keys.write_known_hosts(bed, [(f"[{address}]:{farm.port}", "farm") for address in farm.addresses(LISTED)])
    deadline = time.monotonic() + START_LIMIT
    while not greets("127.1.0.1", farm.port):
        if time.monotonic() > deadline:
            raise BedError(
                f"the farm does not answer on port {farm.port}: `docker logs {bed.container('sshd')}`"
            )
        time.sleep(0.05)
