"""What Docker Compose says that it did, line by line."""

import re
from typing import Dict, List

_DONE = {"Created", "Recreated", "Started", "Restarted", "Stopped", "Killed", "Removed", "Paused", "Unpaused"}
_FETCHED = {"Pulled", "Built", "Downloaded"}
_LINE = re.compile(
    r"^\s*(?:DRY-RUN MODE -\s*)?(?P<kind>Container|Network|Volume|Image|Service)?\s*"
    r"\"?(?P<id>[^\s\"]+)\"?\s+(?P<status>[A-Z][a-z]+)(?:\s+[\d.]+m?s)?\s*$"
)


def actions(said: str, *, build: bool = False) -> List[Dict[str, str]]:
    """Return the changes among the lines; building counts only where asked for."""
    found = []
    for line in said.splitlines():
        match = _LINE.match(line)
        if match is None:
            continue
        status = match.group("status")
        if status in _DONE or (status in _FETCHED and (build or status != "Built")):
            kind = (match.group("kind") or "service").lower()
            entry = {"what": kind, "id": match.group("id"), "status": status}
            found += [] if entry in found else [entry]
    return found
