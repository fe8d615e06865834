"""Requests of the controller: bounded in time and size, secrets sent and never shown."""

from __future__ import annotations

import http.client
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from orchestr8.core.errors import Diagnostic
from orchestr8.core.secret import Secret
from orchestr8.deploy.gate.expression import Values
from orchestr8.engine.services.gate_port import Question, Reading, Unanswered

_MOST = 4 << 20
_PART = 1 << 16


@dataclass(frozen=True, slots=True)
class Page:
    """An answer: status, text, and the seconds it took."""

    status: int
    text: str
    seconds: float


def fetch(url: str, headers: Mapping[str, str | Secret], timeout: float) -> Page:
    """Return what a server answers, whatever its status; raise Unanswered when it does not."""
    shown = urlsplit(url)._replace(query="", fragment="").geturl()
    bare = {k: v.reveal() if isinstance(v, Secret) else v for k, v in headers.items()}
    asked = urllib.request.Request(url, headers={"User-Agent": "orchestr8", **bare})  # noqa: S310 -- checked
    began = time.monotonic()
    try:
        with _opened(asked, timeout) as answer:
            status, body = answer.status, _body(answer, began + timeout)
    except TimeoutError:
        raise Unanswered(Diagnostic("O8-3361", f"{shown} does not answer within {timeout:g}s")) from None
    except (urllib.error.URLError, http.client.HTTPException, OSError, ValueError) as error:
        why = getattr(error, "reason", None) or error
        raise Unanswered(Diagnostic("O8-3361", f"{shown} does not answer: {why}")) from None
    return Page(status, body.decode("utf-8", "replace"), time.monotonic() - began)


class _Straight(urllib.request.HTTPRedirectHandler):
    """Goes nowhere else: headers with secrets are for the server that was named."""

    def redirect_request(self, *_: Any) -> None:
        """Follow no redirection."""


def _opened(asked: urllib.request.Request, timeout: float) -> Any:
    try:
        return urllib.request.build_opener(_Straight).open(asked, timeout=timeout)
    except urllib.error.HTTPError as error:
        return error


def _body(answer: Any, deadline: float) -> bytes:
    """Return what comes before the deadline ends; a server that sends slowly gets no more time."""
    parts: list[bytes] = []
    while sum(map(len, parts)) < _MOST and (part := answer.read1(_PART)):
        parts.append(part)
        if time.monotonic() > deadline:
            raise TimeoutError
    return b"".join(parts)


def ask_http(question: Question) -> Reading:
    """Return what a URL answers to the controller."""
    check = question.check
    page = fetch(check.target, check.headers, check.timeout)
    values: Values = {"status": float(page.status), "body": page.text, "seconds": page.seconds}
    good = any(low <= page.status <= high for low, high in check.expect)
    return Reading((values,), (good,), f"HTTP {page.status}")
