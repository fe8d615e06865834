"""Lookups in the controller's environment and programs."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable
from typing import Any

from orchestr8.template.errors import LookupFailed
from orchestr8.template.lookup import LookupCall


def env(terms: list[Any], call: LookupCall) -> Iterable[Any]:
    """Yield environment variables of the controller; `default` for those not set.

    Where that is undefined, so is the variable: a condition may ask whether it is defined.
    """
    for term in terms:
        name = str(term).split()[0]
        yield os.environ.get(name, call.option("default", ""))


def pipe(terms: list[Any], call: LookupCall) -> Iterable[Any]:
    """Yield what command lines print; the user's shell reads them, as the lookup promises."""
    for term in terms:
        yield _run(str(term), call).rstrip()


def lines(terms: list[Any], call: LookupCall) -> Iterable[Any]:
    """Yield each line that command lines print."""
    for term in terms:
        yield from _run(str(term), call).splitlines()


def _run(command: str, call: LookupCall) -> str:
    folder = call.variable("playbook_dir", None)
    done = subprocess.run(["/bin/sh", "-c", command], stdout=subprocess.PIPE, cwd=folder, check=False)
    if done.returncode != 0:
        raise LookupFailed(f"lookup_plugin.pipe({command}) returned {done.returncode}")
    return done.stdout.decode("utf-8", "surrogateescape")


NAMES = {"env": env, "pipe": pipe, "lines": lines}
