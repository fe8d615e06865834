"""Foretells a run: what would change on hosts and services, and why; saved for `apply` if wanted."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from orchestr8.app.playbooks import read_project
from orchestr8.app.request import RunRequest
from orchestr8.app.run import carry_out
from orchestr8.app.saved_plan import SavedPlan
from orchestr8.core.clock import SystemClock
from orchestr8.core.errors import Diagnostic, Exit, InvalidInput
from orchestr8.engine.services.agreement import Agreement
from orchestr8.report import forecast as report
from orchestr8.report.forecast import Forecast
from orchestr8.transport.pool import Network

CHANGES = 2
"""The exit code that --detailed-exitcode gives for a plan with changes."""


@dataclass(frozen=True, slots=True)
class Show:
    """How a plan is shown. out: file it is saved to. detailed: whether the exit code tells of changes."""

    out: str | None = None
    detailed: bool = False


def plan(request: RunRequest, show: Show) -> int:
    """Show what a run would do, save it if wanted, and return the exit code."""
    forecast = foresee(request)
    sys.stdout.write(text(request, forecast))
    if forecast.exit_code:
        return Exit.INVALID if show.detailed else forecast.exit_code
    if show.out is not None:
        _save(show.out, request, forecast)
    return CHANGES if show.detailed and not forecast.empty else int(Exit.OK)


def foresee(request: RunRequest, agreed: Agreement | None = None) -> Forecast:
    """Return what a run would do; nothing is changed anywhere."""
    network = Network()
    network.warm()
    asked = replace(request, check=True, diff=True)
    project = read_project(asked)
    forecast = Forecast()
    forecast.exit_code = carry_out(project, project.playbook, asked, network, forecast, agreed)
    return forecast


def text(request: RunRequest, forecast: Forecast) -> str:
    """Return the forecast as it is shown."""
    if request.as_json:
        return json.dumps(shown(forecast), indent=2, ensure_ascii=False) + "\n"
    lines = list(report.lines(forecast))
    if forecast.exit_code:
        lines += [*forecast.failures.lines(), "", f"This would end with exit code {forecast.exit_code}."]
    else:
        lines.append("No changes." if forecast.empty else report.summary(forecast))
    lines += [f"[WARNING]: {warning}" for warning in forecast.warnings]
    return "\n".join(lines) + "\n"


def shown(forecast: Forecast) -> Mapping[str, Any]:
    """Return the forecast as JSON values, with why it would fail if it would."""
    failures = [line for line in forecast.failures.lines() if line]
    return {**report.as_json(forecast), "exit_code": forecast.exit_code, "failures": failures}


def _save(name: str, request: RunRequest, forecast: Forecast) -> None:
    """Write the plan where only the user can read it."""
    saved = SavedPlan.of(request, forecast, SystemClock().now())
    path = Path(name)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(saved.to_text())
    except OSError as error:
        raise InvalidInput(Diagnostic("O8-3320", f"cannot write {name}: {error.strerror}")) from None
    if not request.as_json:
        sys.stdout.write(f"Saved as {name}, good for an hour. Next: o8 apply {name}\n")
