"""Renders what the user wrote as templates, and nothing else."""

from __future__ import annotations

from typing import Any

from orchestr8.template.scope import Scope


class Templar:
    """Renders values and evaluates expressions in a scope."""

    def render(self, value: Any, scope: Scope) -> Any:
        """Return `value` with every `Text` in it rendered, native types kept."""
        raise NotImplementedError

    def evaluate(self, expression: Any, scope: Scope) -> Any:
        """Return what a bare expression (`when`, `until` …) is worth."""
        raise NotImplementedError

    def condition(self, expression: Any, scope: Scope) -> bool:
        """Return whether a condition holds; it has to be a boolean."""
        raise NotImplementedError
