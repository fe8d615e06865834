"""What `o8 graph` draws."""

from __future__ import annotations

import shutil
import subprocess

from orchestr8.app.playbooks import read_project
from orchestr8.app.request import RunRequest
from orchestr8.compile.describe import describe
from orchestr8.compile.settings import Settings
from orchestr8.core.errors import Diagnostic, InvalidInput


def draw(request: RunRequest, form: str) -> str:
    """Return the task graph of a playbook as text, mermaid, dot or svg."""
    project = read_project(request)
    options = project.options
    settings = Settings(tags=options.tags, skip_tags=options.skip_tags)
    text = describe(project.playbook, project.inventory, "dot" if form == "svg" else form, settings)
    return _svg(text) if form == "svg" else text


def _svg(dot: str) -> str:
    program = shutil.which("dot")
    if program is None:
        hint = "install graphviz, or take the form mermaid or dot"
        raise InvalidInput(Diagnostic("O8-1707", "there is no program `dot` that draws svg", hint=hint))
    done = subprocess.run([program, "-Tsvg"], input=dot, capture_output=True, text=True, check=True)
    return done.stdout
