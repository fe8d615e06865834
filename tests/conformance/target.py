"""One target of the distribution: how it is started and in which surroundings."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path

INVENTORY = (
    "[testgroup]\ntesthost ansible_connection=local ansible_pipelining=yes ansible_python_interpreter={}\n"
)
SURROUNDINGS = {
    "ANSIBLE_DEPRECATION_WARNINGS": "false",
    "ANSIBLE_DEVEL_WARNING": "false",
    "ANSIBLE_FORCE_COLOR": "false",
    "ANSIBLE_FORCE_HANDLERS": "true",
    "ANSIBLE_HOST_KEY_CHECKING": "false",
    "ANSIBLE_HOST_PATTERN_MISMATCH": "error",
    "ANSIBLE_INVENTORY": "/dev/null",
    "ANSIBLE_LIBRARY": "/dev/null",
    "ANSIBLE_PYTHON_INTERPRETER": "/set/ansible_python_interpreter/in/inventory",
    "ANSIBLE_RETRY_FILES_ENABLED": "false",
    "PAGER": "/bin/cat",
}
"""What Ansible's own test runner tells its targets."""


@dataclass(frozen=True)
class Target:
    """A target's name and its folder in the distribution."""

    name: str
    folder: Path

    @property
    def scripted(self) -> bool:
        """Whether the target brings the script that runs it; the others are roles."""
        return (self.folder / "runme.sh").exists()

    @property
    def can_start(self) -> bool:
        """Whether there is anything to start."""
        return self.scripted or (self.folder / "tasks").is_dir()

    def aliases(self) -> set[str]:
        """Return the words by which the target says what it needs."""
        try:
            lines = (self.folder / "aliases").read_text().splitlines()
        except FileNotFoundError:
            return set()
        return {word for word in (line.split("#")[0].strip() for line in lines) if word}


@dataclass(frozen=True)
class Layout:
    """Where things are in a target's own folder `work`, as seen from inside the sandbox."""

    work: Path

    @property
    def integration(self) -> Path:
        return self.work / "test" / "integration"

    @property
    def targets(self) -> Path:
        return self.integration / "targets"

    @property
    def programs(self) -> Path:
        return self.work / "bin"

    @property
    def output(self) -> Path:
        return self.work / "output"


def lay_out(target: Target, place: Layout, interpreter: str) -> None:
    """Write to `work/extra` what is laid over the distribution: the inventory and, for a role, a playbook."""
    extra = Layout(place.work / "extra")
    for folder in (extra.integration, extra.programs, extra.output):
        folder.mkdir(parents=True)
    (extra.work / "ansible.cfg").touch()
    (extra.integration / "inventory").write_text(INVENTORY.format(interpreter))
    if not target.scripted:
        facts = "gather_facts/no" not in target.aliases()
        play = {"hosts": "testhost", "gather_facts": facts, "roles": [target.name]}
        play["vars"] = {"output_dir": str(place.output)}
        (extra.integration / "play.yml").write_text(json.dumps([play], indent=2))


def command(target: Target, place: Layout) -> tuple[list[str], Path]:
    """Return what starts a target and the folder it is started in."""
    if target.scripted:
        return ["./runme.sh"], place.targets / target.name
    return ["ansible-playbook", "-i", "inventory", "play.yml"], place.integration


def environment(target: Target, place: Layout) -> dict[str, str]:
    """Return the environment of a target: this process's, the test runner's words and the target's own."""
    found = os.environ | SURROUNDINGS
    found |= {
        "ANSIBLE_CONFIG": str(place.work / "ansible.cfg"),
        "ANSIBLE_PLAYBOOK_DIR": str(place.targets / target.name if target.scripted else place.integration),
        "ANSIBLE_TEST_PYTHON_INTERPRETER": sys.executable,
        "ANSIBLE_TEST_PYTHON_VERSION": "{}.{}".format(*sys.version_info[:2]),
        "INVENTORY_PATH": str(place.integration / "inventory"),
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "OUTPUT_DIR": str(place.output),
        "PATH": f"{place.programs}:{os.environ['PATH']}",
    }
    if not target.scripted:
        found["ANSIBLE_ROLES_PATH"] = str(place.targets)
    for word in target.aliases():
        if word.startswith("env/set/"):
            name, _, value = word.removeprefix("env/set/").partition("/")
            found[name] = value
    return found
