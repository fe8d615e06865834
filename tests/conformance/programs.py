"""The commands a target may call, each handed on to the program under test."""

from __future__ import annotations

import shlex
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

KIN = ("ansible", "ansible-inventory", "ansible-vault", "ansible-doc", "ansible-config", "ansible-console")
UNKNOWN = 97

VIRTUALENV = """\
"$ANSIBLE_TEST_PYTHON_INTERPRETER" -m venv --system-site-packages "$OUTPUT_DIR/virtualenv"
. "$OUTPUT_DIR/virtualenv/bin/activate"
echo {library} >"$(python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/ansible.pth"
"""
"""What targets source that want an environment of their own."""


def of_orchestr8(o8: str) -> dict[str, str]:
    """Return Ansible's commands as those of orchestr8."""
    return {"ansible-playbook": f"{o8} run --plain"} | {name: f"{o8} compat {name}" for name in KIN}


def of_reference(playbook: str) -> dict[str, str]:
    """Return the commands that lie beside an installed `ansible-playbook`."""
    found = Path(shutil.which(playbook) or playbook)
    return {name: shlex.quote(str(found.with_name(name))) for name in ("ansible-playbook", *KIN)}


def write(folder: Path, commands: Mapping[str, str], library: Path) -> None:
    """Write a script for each command, for those nobody has and for `python`, into an empty folder.

    library: Ansible's own modules, which some targets import in a `python -c`; no other program sees them.
    """
    python = f"PYTHONPATH={shlex.quote(str(library))} exec {shlex.quote(sys.executable)}"
    for name in ("ansible-galaxy", "ansible-pull", "ansible-test"):
        _script(folder / name, f'echo "conformance: there is no {name} here" >&2\nexit {UNKNOWN}')
    for name, line in commands.items():
        _script(folder / name, f'exec {line} "$@"')
    for name in ("python", "python3"):
        _script(folder / name, f'{python} "$@"')
    (folder / "virtualenv.sh").write_text(VIRTUALENV.format(library=shlex.quote(str(library))))


def _script(path: Path, body: str) -> None:
    path.write_text(f"#!/bin/bash\n{body}\n")
    path.chmod(0o755)
