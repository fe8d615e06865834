"""A plan as a file: what was asked for, what it would do, and a seal over both."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from orchestr8.app.request import RunRequest
from orchestr8.core.errors import Diagnostic, InvalidInput, PlanStale
from orchestr8.report.forecast import Forecast, grouped

FORMAT = 1
LIFETIME = timedelta(hours=1)
_SHOWN = (
    "lock_wait",
    "verbose",
    "as_json",
    "plain",
    "check",
    "list_hosts",
    "list_tasks",
    "list_tags",
    "syntax_check",
)
"""What of a request says how to show it, not what to do."""


@dataclass(frozen=True, slots=True)
class SavedPlan:
    """asked: the request. tasks: what tasks would do, by hosts. services: their plans. No secret is in it
    but what was given by --extra-vars, so the file is the user's alone."""

    made: str
    asked: Mapping[str, Any]
    tasks: list[Any]
    services: list[Any]

    @staticmethod
    def of(request: RunRequest, forecast: Forecast, now: datetime) -> SavedPlan:
        """Return the plan to save."""
        asked = {f.name: getattr(request, f.name) for f in fields(request) if f.name not in _SHOWN}
        made = now.isoformat(timespec="seconds")
        return SavedPlan(made, json.loads(json.dumps(asked)), tasks_of(forecast), list(forecast.plans))

    def request(self, shown: Mapping[str, Any]) -> RunRequest:
        """Return what was asked for; `shown` says how this run is to be shown."""
        asked = {k: tuple(v) if isinstance(v, list) else v for k, v in self.asked.items()}
        return RunRequest(**{**asked, **shown})

    def to_text(self) -> str:
        """Return the file's text."""
        return json.dumps({"format": FORMAT, "seal": _seal(self._body()), **self._body()}, indent=1) + "\n"

    def _body(self) -> dict[str, Any]:
        return {"made": self.made, "asked": self.asked, "tasks": self.tasks, "services": self.services}

    def require_young(self, now: datetime) -> None:
        """Raise PlanStale when the plan was made too long ago."""
        old = now - datetime.fromisoformat(self.made)
        if old > LIFETIME:
            text = f"the plan was made {int(old.total_seconds()) // 60} minutes ago; it is good for an hour"
            raise PlanStale(Diagnostic("O8-3321", text, hint="make a new plan"))


def read(name: str) -> SavedPlan:
    """Return the plan in a file; raise InvalidInput when there is none or it is not as it was written."""
    try:
        data = json.loads(Path(name).read_text(encoding="utf-8"))
        saved = SavedPlan(data["made"], data["asked"], data["tasks"], data["services"])
        seal, number = data["seal"], data["format"]
    except OSError as error:
        raise InvalidInput(Diagnostic("O8-3320", f"cannot read {name}: {error.strerror}")) from None
    except (ValueError, KeyError, TypeError):
        hint = "`o8 plan PLAYBOOK -o FILE` makes one"
        raise InvalidInput(Diagnostic("O8-3320", f"{name} is no saved plan", hint=hint)) from None
    if number != FORMAT or seal != _seal(saved._body()):  # noqa: SLF001 -- of this very module
        text = f"{name} is not as `o8 plan` wrote it: its seal does not fit"
        raise InvalidInput(Diagnostic("O8-3320", text))
    return saved


def tasks_of(forecast: Forecast) -> list[Any]:
    """Return what tasks would do, in a form that compares: contents of files only as a digest."""
    return [
        [hosts, [[r.key, r.sign, r.action, r.name, sha256(r.diff.encode()).hexdigest()] for r in rows]]
        for hosts, rows in grouped(forecast)
    ]


def _seal(body: Mapping[str, Any]) -> str:
    return sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
