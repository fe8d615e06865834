"""Where roles of collections are: `namespace.collection.role` below the folders that hold collections."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

TREE = "ansible_collections"


def roots(playbook_dir: str, configured: Iterable[str]) -> list[str]:
    """Return the folders `ansible_collections` in the order they count: the playbook's own comes first."""
    places = [os.path.join(playbook_dir, "collections"), *configured]
    return [
        place if os.path.basename(place.rstrip("/")) == TREE else os.path.join(place, TREE)
        for place in places
    ]


def collection_of(path: str, kind: str = "roles") -> str:
    """Return the collection that a role's folder (or a playbook) belongs to, `namespace.name`, or nothing."""
    parts = path.split(os.sep)
    if TREE not in parts:
        return ""
    at = len(parts) - 1 - parts[::-1].index(TREE)
    return ".".join(parts[at + 1 : at + 3]) if parts[at + 3 : at + 4] == [kind] else ""


def full_names(name: str, users: Iterable[str], listed: Iterable[str]) -> Iterator[str]:
    """Yield the full names that a role's name may stand for.

    users: folders of the roles that name it. listed: what the keyword `collections` says there.
    """
    if name.count(".") >= 2 and os.sep not in name:
        yield name
    if name.count(".") == 0:
        for collection in dict.fromkeys((*filter(None, map(collection_of, users)), *listed)):
            yield f"{collection}.{name}"


def folders(full: str, where: Iterable[str]) -> list[str]:
    """Return the folders a role of a collection may be in."""
    namespace, collection, *role = full.split(".")
    return [os.path.join(root, namespace, collection, "roles", *role) for root in where]
