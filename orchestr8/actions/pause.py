"""pause: wait for a time, or for a person at a terminal."""

from __future__ import annotations

import sys
import time
from datetime import datetime
from typing import Any

from orchestr8.engine.work import Work
from orchestr8.language.catalog import ModuleSpec
from orchestr8.remote.module import Arg

SPEC = ModuleSpec(
    name="pause",
    controller=True,
    doc="Wait for a time, or for a person at a terminal.",
    args={
        "seconds": Arg("float", "How long."),
        "minutes": Arg("float", "How long."),
        "prompt": Arg("str", "What to say."),
        "echo": Arg("bool", "Show what is typed.", default=True),
    },
)


def run(work: Work) -> dict[str, Any]:
    """Wait; without a time ask for Return, unless nobody is there to press it."""
    began = datetime.now().astimezone()
    seconds = _seconds(work)
    typed = ""
    if seconds is not None:
        time.sleep(max(0.0, seconds))
    elif sys.stdin.isatty():
        typed = _ask(str(work.args.get("prompt") or "Press enter to continue, Ctrl+C to interrupt"), work)
    ended = datetime.now().astimezone()
    return {
        "changed": False,
        "rc": 0,
        "user_input": typed,
        "echo": work.args.get("echo", True),
        "start": str(began),
        "stop": str(ended),
        "delta": int((ended - began).total_seconds()),
        "stdout": f"Paused for {(ended - began).total_seconds():.2f} seconds",
    }


def _seconds(work: Work) -> float | None:
    if work.args.get("minutes") is not None:
        return float(work.args["minutes"]) * 60
    return float(work.args["seconds"]) if work.args.get("seconds") is not None else None


def _ask(prompt: str, work: Work) -> str:
    if work.args.get("echo", True):
        return input(f"{prompt}: ")
    from getpass import getpass

    return getpass(f"{prompt}: ")
