"""The engine's errors in words a person can act on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import requests
import urllib3
from docker.errors import APIError, DockerException, NotFound

from orchestr8.core.errors import Diagnostic, O8Error
from orchestr8.engine.services.ports import EngineError, EngineRefused

_LOGIN = "log in to the registry on this machine (`docker login`): hosts pull with its credentials"
_HINTS = {
    "port is already allocated": "another container or program holds the port on this host",
    "address already in use": "another program holds the port on this host",
    "no space left on device": "free some space below the engine's data root",
    "no basic auth credentials": _LOGIN,
    "unauthorized": _LOGIN,
    "authentication required": _LOGIN,
    "access denied": _LOGIN,
    "manifest unknown": "the registry has no such image: is its name right, and its tag pushed?",
    "no matching manifest": "push the image for this architecture, or keep to hosts of another: `node.arch`",
    "exec format error": "the image is for another architecture: keep to hosts of its own by `node.arch`",
    "no such host": "this host cannot find the registry's address: is the name right, does its DNS know it?",
    "dial tcp": "this host cannot reach the registry at that address",
}
UNANSWERED = {
    "permission denied": "use `become: true`, or put the login user into the group docker",
    "no such file or directory": "is a container engine installed and running on this host?",
    "connection refused": "the engine does not run on this host",
}
"""What may help when not even the engine answered; in its own words the same texts mean other things."""
_REFUSALS = range(400, 500)


@contextmanager
def engine_errors(host: str, doing: str) -> Iterator[None]:
    """Turn what the SDK raises while `doing` something on `host` into EngineError or EngineRefused."""
    try:
        yield
    except APIError as error:
        status = error.response.status_code if error.response is not None else 500
        text = str(error.explanation or error).strip()
        kind = (
            EngineRefused
            if isinstance(error, NotFound) or status in _REFUSALS or _final(text)
            else EngineError
        )
        raise kind(engine_problem(host, doing, text)) from None
    except O8Error:
        raise
    except requests.exceptions.Timeout:
        raise EngineError(engine_problem(host, doing, "the engine did not answer in time")) from None
    except (DockerException, requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
        raise EngineError(engine_problem(host, doing, _cause(error), UNANSWERED)) from None


def _final(text: str) -> bool:
    """Whether a 500 of the engine will not get better by itself."""
    return any(sign in text for sign in ("already allocated", "address already in use", "no such image"))


def _cause(error: BaseException) -> str:
    """Return the innermost message: the outer ones only say that a request failed."""
    seen = error
    while seen.__cause__ is not None or seen.__context__ is not None:
        seen = seen.__cause__ or seen.__context__ or seen
    message = seen.message if isinstance(seen, O8Error) else str(seen)
    return message.strip() or type(seen).__name__


def engine_problem(host: str, doing: str, text: str, hints: Mapping[str, str] = _HINTS) -> Diagnostic:
    """Return what to tell of an engine that could not do something: its own words, and what may help."""
    lowered = text.lower()
    hint = next((hint for sign, hint in hints.items() if sign in lowered), None)
    return Diagnostic("O8-3101", f"{host}: cannot {doing}: {text}", hint=hint)


def half_started(text: str) -> bool:
    """Return whether containerd refuses a start because of one that the engine did not live to finish.

    It has the task still, or only the folder of the task's shim.
    """
    task = text.startswith("task ") and "already exists" in text
    shim = "failed to start shim" in text and "file exists" in text
    return task or shim
