"""What plugins look like: the class a file holds, the method that names its functions."""

from __future__ import annotations

from dataclasses import dataclass

FILTER, TEST, LOOKUP = "filter", "test", "lookup"
KINDS = {FILTER: ("FilterModule", "filters"), TEST: ("TestModule", "tests"), LOOKUP: ("LookupModule", "run")}
"""The class that a plugin's file defines, and its method, by kind."""


@dataclass(frozen=True, slots=True)
class Broken:
    """A file that cannot be loaded: the place in it (`file:line`) and why."""

    place: str
    reason: str

    def __str__(self) -> str:
        return f"{self.place} cannot be loaded: {self.reason}"
