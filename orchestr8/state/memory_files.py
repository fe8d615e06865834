"""Configs and secrets in memory: what a host would keep."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from orchestr8.deploy.model import Attached


class MemoryFiles:
    """Keeps configs and secrets of services by name."""

    def __init__(self) -> None:
        self.kept: dict[str, dict[str, Attached]] = {}

    def put(self, service: str, files: Sequence[Attached]) -> Mapping[str, str]:
        """Keep files; return their paths by name."""
        mine = self.kept.setdefault(service, {})
        mine.update({file.name: file for file in files})
        return {file.name: f"/memory/{service}/{file.name}" for file in files}

    def keep(self, service: str, names: Collection[str]) -> None:
        """Remove a service's files but some."""
        mine = self.kept.get(service, {})
        self.kept[service] = {name: file for name, file in mine.items() if name in names}
