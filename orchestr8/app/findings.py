"""Findings of `o8 check` for programs: GitHub's annotations and SARIF."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from orchestr8 import __version__
from orchestr8.core.codes import CODES
from orchestr8.core.errors import Diagnostic

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def github(found: Sequence[Diagnostic]) -> str:
    """Return workflow commands, one a finding, that annotate the lines of a pull request."""
    return "".join(f"{_command(each)}\n" for each in found)


def _command(finding: Diagnostic) -> str:
    span = finding.span
    place = f"file={_property(span.file)},line={span.line},col={span.column}," if span else ""
    kind = "error" if finding.severity == "error" else "warning"
    text = f"{finding.message} (hint: {finding.hint})" if finding.hint else finding.message
    return f"::{kind} {place}title={finding.code}::{_data(text)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def sarif(found: Sequence[Diagnostic]) -> str:
    """Return one SARIF 2.1.0 document, as code scanning services take it."""
    codes = sorted({each.code for each in found})
    rules = [{"id": code, "shortDescription": {"text": CODES.get(code, code)}} for code in codes]
    driver = {"name": "orchestr8", "version": __version__, "rules": rules}
    run = {"tool": {"driver": driver}, "results": [_result(each) for each in found]}
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)


def _result(finding: Diagnostic) -> dict[str, Any]:
    text = f"{finding.message}. {finding.hint}" if finding.hint else finding.message
    level = "error" if finding.severity == "error" else "warning"
    result: dict[str, Any] = {"ruleId": finding.code, "level": level, "message": {"text": text}}
    if finding.span:
        span = finding.span
        region = {"startLine": span.line, "startColumn": span.column, "endColumn": span.column + span.width}
        place = {"artifactLocation": {"uri": span.file}, "region": region}
        result["locations"] = [{"physicalLocation": place}]
    return result
