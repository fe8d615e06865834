"""What a person asked for on the command line, as values."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FleetRequest:
    """Which hosts, and how to reach them; names and meaning of the options of `ansible-playbook`."""

    inventory: tuple[str, ...] = ()
    limit: str | None = None
    extra_vars: tuple[str, ...] = ()
    vault_ids: tuple[str, ...] = ()
    vault_password_files: tuple[str, ...] = ()
    ask_vault_pass: bool = False
    user: str | None = None
    connection: str | None = None
    private_key: str | None = None
    timeout: float | None = None
    ssh_common_args: str | None = None
    ssh_extra_args: str | None = None
    sftp_extra_args: str | None = None
    scp_extra_args: str | None = None
    connection_password_file: str | None = None
    module_path: tuple[str, ...] = ()
    ask_pass: bool = False
    become: bool = False
    become_user: str | None = None
    become_method: str | None = None
    ask_become_pass: bool = False
    become_password_file: str | None = None
    forks: int | None = None
    skip_hooks: bool = False
    lock_wait: str | None = None
    verbose: int = 0
    as_json: bool = False
    plain: bool = False
    lenient: bool = False


@dataclass(frozen=True, slots=True)
class RunRequest(FleetRequest):
    """A run of playbooks."""

    playbooks: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    skip_tags: tuple[str, ...] = ()
    check: bool = False
    diff: bool = False
    start_at_task: str | None = None
    step: bool = False
    force_handlers: bool = False
    flush_cache: bool = False
    list_hosts: bool = False
    list_tasks: bool = False
    list_tags: bool = False
    syntax_check: bool = False

    @property
    def names_only(self) -> bool:
        """Whether only names of tasks, tags and hosts are shown."""
        return self.list_hosts or self.list_tasks or self.list_tags

    @property
    def lists(self) -> bool:
        """Whether the run only shows what it would work on."""
        return self.list_hosts or self.list_tasks or self.list_tags or self.syntax_check


@dataclass(frozen=True, slots=True)
class ExecRequest(RunRequest):
    """One task on the hosts of a pattern; names and meaning of the options of `ansible`.

    words: a command word by word, in place of `arguments`. background, poll: `async` and `poll` of the task.
    """

    pattern: str = "all"
    module: str = ""
    arguments: str = ""
    words: tuple[str, ...] = ()
    background: int | None = None
    poll: int | None = None
    task_timeout: int | None = None
    playbook_dir: str | None = None
    one_line: bool = False
    ungrouped: bool = False
