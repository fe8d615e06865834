"""Tests of files on the controller."""

from __future__ import annotations

import os.path
from typing import Any

NAMES: dict[str, Any] = {
    "file": os.path.isfile,
    "is_file": os.path.isfile,
    "directory": os.path.isdir,
    "is_dir": os.path.isdir,
    "link": os.path.islink,
    "is_link": os.path.islink,
    "exists": os.path.exists,
    "link_exists": os.path.lexists,
    "mount": os.path.ismount,
    "is_mount": os.path.ismount,
    "abs": os.path.isabs,
    "is_abs": os.path.isabs,
    "same_file": os.path.samefile,
    "is_same_file": os.path.samefile,
}
