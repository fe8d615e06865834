"""The files of the controller that a service names: configs, secrets, certificates, variables, tests."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping as Map
from typing import Any


def named_files(service: Any) -> Iterator[tuple[str, str]]:
    """Yield the names of files as written, and the folder each is looked for in; only those it needs."""
    if not isinstance(service, Map):
        return
    yield from _attached(service)
    for entry in _entries(service.get("env_file"), "path"):
        if entry.get("required") is not False:
            yield from _named(entry, "path")
    update = service.get("update")
    for step in _entries(update.get("steps") if isinstance(update, Map) else None, ""):
        for check in _entries(step.get("check"), ""):
            yield from _named(check, "testinfra")


def _attached(service: Map[str, Any]) -> Iterator[tuple[str, str]]:
    for entry in _entries(service.get("configs"), "source"):
        yield from _named(entry, "source")
    ingress = service.get("ingress")
    tls = ingress.get("tls") if isinstance(ingress, Map) else None
    pairs = tls.values() if isinstance(tls, Map) else ()
    for entry in (*_entries(service.get("secrets"), ""), *(e for pair in pairs for e in _entries(pair, ""))):
        yield from _named(entry, "file")


def _entries(value: Any, key: str) -> Iterator[Map[str, Any]]:
    """Yield the mappings of a list or of one entry; a bare text stands for the value of `key`."""
    for item in value if isinstance(value, list) else (value,):
        if isinstance(item, Map):
            yield item
        elif isinstance(item, str) and key:
            yield {key: item}


def _named(entry: Map[str, Any], key: str) -> Iterator[tuple[str, str]]:
    name = entry.get(key)
    if isinstance(name, str) and name and "content" not in entry:
        yield name, "templates" if key == "source" and name.endswith(".j2") else "files"
