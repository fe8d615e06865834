"""A check of a rollout: what is asked, how often, and what the answers mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from orchestr8.core.secret import Secret

Kind = Literal["http", "exec", "prometheus", "testinfra", "ingress"]
Origin = Literal["container", "host", "controller"]

_MEASURED = (
    "requests",
    "errors",
    "error_rate",
    "p50",
    "p90",
    "p95",
    "p99",
)
VALUES: Mapping[Kind, tuple[str, ...]] = {
    "http": ("status", "body", "seconds"),
    "exec": ("code", "output", "result"),
    "prometheus": ("result",),
    "testinfra": ("passed", "failed"),
    "ingress": (*_MEASURED, *(f"stable.{name}" for name in _MEASURED)),
}
"""What is measured, by the kind of check; times are in seconds, rates from 0 to 1."""

_GRACE = 300.0


@dataclass(frozen=True, slots=True)
class Check:
    """A check; times in seconds.

    `target` is the path or URL for http, the server for prometheus, the file for testinfra; `origin` is
    where it is asked from. Every new replica is asked where the origin is one of containers or hosts.
    Without expressions an answer speaks for itself (`expect` for http, exit code 0, all tests passed).
    `content` is that of the file of tests, so that the check can be made from anywhere.
    `minimum` requests are waited for before ingress figures count, at most until `deadline` after the
    first sample; `baseline` demands them of the stable replicas as well.
    """

    kind: Kind
    target: str = ""
    name: str = ""
    query: str = ""
    content: str = ""
    command: tuple[str, ...] = ()
    port: int | None = None
    headers: Mapping[str, str | Secret] = field(default_factory=dict)
    expect: tuple[tuple[int, int], ...] = ((200, 399),)
    origin: Origin = "host"
    minimum: int = 0
    baseline: bool = False
    success: str = ""
    failure: str = ""
    interval: float = 5.0
    timeout: float = 10.0
    count: int = 1
    failure_limit: int = 0
    inconclusive_limit: int = 0
    deadline: float = 0.0

    @property
    def title(self) -> str:
        """Return what people call it."""
        return self.name or f"{self.kind} {self.target or ' '.join(self.command)}".strip()

    @property
    def latest(self) -> float:
        """Return the seconds after which it has to be decided."""
        return self.deadline or self.count * (self.interval + self.timeout) + _GRACE

    def __str__(self) -> str:
        often = f" {self.count} times, every {self.interval:g}s" if self.count > 1 else ""
        rules = [self.success, f"not {self.failure}" if self.failure else ""]
        told = " and ".join(r for r in rules if r)
        return f"{self.title}{f' ({told})' if told else ''}{often}"
