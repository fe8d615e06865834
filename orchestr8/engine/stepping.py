"""Asks before every task whether it is to be carried out: `--step`."""

from __future__ import annotations

from collections.abc import Callable


class Stepping:
    """Remembers what was answered; `ask` puts a question to the user and returns the answer."""

    def __init__(self, ask: Callable[[str], str] | None) -> None:
        self._ask = ask
        self._answers: dict[tuple[str, str], bool] = {}

    def wants(self, key: str, title: str, host: str = "") -> bool:
        """Return whether a task is wanted; asks once for it, or once for each host that is named."""
        if self._ask is None:
            return True
        if (key, host) not in self._answers:
            on = f" on {host}" if host else ""
            answer = self._ask(f"Perform task: TASK: {title}{on} (N)o/(y)es/(c)ontinue: ").strip().lower()
            self._answers[key, host] = answer in ("y", "yes", "c", "continue")
            if answer in ("c", "continue"):
                self._ask = None
        return self._answers.get((key, host), True)
