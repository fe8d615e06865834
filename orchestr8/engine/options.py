"""How a run is carried out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What the command line says about a run; keywords of plays and tasks override some of it.

    lock_wait: seconds to wait for whoever changes the same services. lock_lease: seconds that a lock lives
    without a sign of life.
    connection_vars: connection variables given as options, weaker than anything in files (user, connection).
    broken_conditionals: conditions may be of any type. missing_handlers: notifying one that is not there only
    warns. debugger: stop at failures where somebody is there, not (debugger_past_ignored) at ignored ones.
    """

    forks: int = 20
    check: bool = False
    diff: bool = False
    verbosity: int = 0
    limit: str | None = None
    tags: tuple[str, ...] = ()
    skip_tags: tuple[str, ...] = ()
    start_at: str | None = None
    force_handlers: bool = False
    extra_vars: Mapping[str, Any] = field(default_factory=dict)
    connection_vars: Mapping[str, Any] = field(default_factory=dict)
    become: bool = False
    become_user: str | None = None
    become_method: str | None = None
    become_exe: str | None = None
    become_flags: str | None = None
    become_same_user: bool = False
    any_errors_fatal: bool = False
    no_log: bool = False
    task_timeout: float = 0.0
    managed: str = "Ansible managed"
    gathering: str = "implicit"
    strategy: str = "linear"
    playbook_dir: str = "."
    inventory_dir: str | None = None
    inventory_file: str | None = None
    broken_conditionals: bool = False
    missing_handlers: bool = False
    debugger: bool = False
    debugger_past_ignored: bool = True
    lock_wait: float = 0.0
    lock_lease: float = 60.0
