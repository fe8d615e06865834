"""What HAProxy's master process tells of its workers."""

from __future__ import annotations

import re
from collections.abc import Sequence

_FAILED = re.compile(r"\[failed: (\d+)\]")


def workers(listing: str) -> frozenset[str]:
    """Return the process ids of the current workers in `show proc`."""
    return frozenset(_listed(listing, "# workers"))


def old_workers(listing: str) -> Sequence[str]:
    """Return the process ids of those workers that only end what they have begun."""
    return _listed(listing, "# old workers")


def failures(listing: str) -> int:
    """Return how many reloads in a row have failed."""
    found = _FAILED.search(listing)
    return int(found[1]) if found else 0


def failed(answer: str) -> str:
    """Return why a reload failed, as far as the master says so (since HAProxy 2.7)."""
    first, _, rest = answer.partition("\n")
    return (rest.removeprefix("--").strip() or "it does not say why") if first == "Success=0" else ""


def _listed(listing: str, heading: str) -> list[str]:
    section = listing.partition(heading + "\n")[2].partition("#")[0]
    rows = (line.split() for line in section.splitlines())
    return [row[0] for row in rows if len(row) > 1 and row[1] == "worker" and row[0].isdigit()]
