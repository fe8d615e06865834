"""How roles that are not there can be had: Ansible's own program installs them where they are looked for."""

from __future__ import annotations

import os
import re

_FILES = ("requirements.yml", "requirements.yaml", "roles/requirements.yml", "collections/requirements.yml")


def advice(role: str, playbook_dir: str) -> str | None:
    """Return the command that installs a role, or None where its name tells nothing.

    A project's file of requirements counts when it names the role or its collection.
    """
    parts = role.split(".")
    if os.sep in role or not all(re.fullmatch(r"\w[\w-]*", part) for part in parts):
        return None
    sought = ".".join(parts[:2]) if len(parts) > 2 else role
    for path in (os.path.join(playbook_dir, name) for name in _FILES):
        if _mentions(path, sought):
            return f"`ansible-galaxy install -r {path}` installs it"
    if len(parts) == 1:
        return None
    kind = "collection" if len(parts) > 2 else "role"
    return f"`ansible-galaxy {kind} install {sought}` may install it"


def _mentions(path: str, name: str) -> bool:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return re.search(rf"(?<![\w.-]){re.escape(name)}(?![\w-])", file.read()) is not None
    except OSError:
        return False
