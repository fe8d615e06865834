"""A command on the controller as a check."""

from __future__ import annotations

import subprocess

from orchestr8.core.errors import Diagnostic
from orchestr8.engine.services.gate_port import Question, Reading, Unanswered
from orchestr8.engine.services.gate_sites import told, values_of


def ask_program(question: Question) -> Reading:
    """Return how a command of the controller ended; it is ended when it takes too long."""
    check = question.check
    try:
        done = subprocess.run(
            check.command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=check.timeout,
            check=False,
            text=True,
            errors="replace",
        )
    except subprocess.TimeoutExpired:
        text = f"{check.command[0]} did not end within {check.timeout:g}s"
        raise Unanswered(Diagnostic("O8-3361", text)) from None
    except (OSError, ValueError) as error:
        raise Unanswered(Diagnostic("O8-3361", f"{check.command[0]} cannot be run: {error}")) from None
    return Reading(
        (values_of(done.returncode, done.stdout),),
        (done.returncode == 0,),
        told(done.returncode, done.stdout),
    )
