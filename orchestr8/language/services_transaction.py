"""The transaction of a service: a name that it shares with those that change together or not at all."""

from __future__ import annotations

import re

from orchestr8.deploy.service import ServiceSpec
from orchestr8.language.services_node import ORDER, Node
from orchestr8.language.services_values import text

_NAME = re.compile(r"[a-z0-9]([a-z0-9_-]{0,38}[a-z0-9])?")


def transaction(node: Node) -> str:
    """Return the name of a transaction."""
    name = text(node)
    if not _NAME.fullmatch(name):
        raise node.wrong("a name of lower-case letters, digits, - and _, at most 40")
    return name


def check_transaction(node: Node, spec: ServiceSpec) -> None:
    """Note what cannot go back with the others."""
    place = node.child("transaction")
    if spec.schedule:
        place.error(ORDER, "a job by schedule cannot be part of a transaction: nobody waits for it")
    elif spec.update.on_failure != "rollback":
        text_ = f"`on_failure: {spec.update.on_failure}` does not fit a transaction: all of it goes back"
        place.error(ORDER, text_, "leave `on_failure` out")
