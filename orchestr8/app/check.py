"""What `o8 check` finds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from orchestr8.app.playbooks import read_project
from orchestr8.app.request import RunRequest
from orchestr8.core.errors import Diagnostic, InvalidInput


def findings(request: RunRequest) -> Sequence[Diagnostic]:
    """Return every mistake and warning in the files of a run."""
    try:
        return read_project(request).warnings
    except InvalidInput as error:
        return error.diagnostics


def as_json(diagnostic: Diagnostic) -> dict[str, Any]:
    """Return a finding as JSON values; places count from 1."""
    span = diagnostic.span
    place = {"file": span.file, "line": span.line, "column": span.column} if span else {}
    return {
        "schema": "orchestr8.finding/1",
        "code": diagnostic.code,
        "severity": diagnostic.severity,
        "message": diagnostic.message,
        "hint": diagnostic.hint,
        "notes": list(diagnostic.notes),
        **place,
    }
