"""What a playbook says, as values: plays, blocks, tasks, roles, with the place of everything.

Values a user may write as a template stay `Text` (or contain it); the engine renders them per host.
`None` means "not written here", so that a value may be inherited from the enclosing block, role or play.
"""

from __future__ import annotations

from collections.abc import Mapping as Map
from dataclasses import dataclass, field
from typing import Any

from orchestr8.core.errors import Diagnostic
from orchestr8.core.span import Mapping, Span, Text


@dataclass(frozen=True, slots=True)
class Keywords:
    """The keywords that plays, roles, blocks and tasks share and hand down to what they contain.

    Lists (`when`, `tags`, `environment`, `module_defaults`) add up on the way down, outermost first;
    `vars` layers over the outer ones; every other keyword is replaced by the innermost that is not None.
    """

    name: Any = None
    when: tuple[Any, ...] = ()
    tags: tuple[Any, ...] = ()
    vars: Mapping = field(default_factory=Mapping)
    environment: tuple[Any, ...] = ()
    module_defaults: tuple[Any, ...] = ()
    become: Any = None
    become_user: Any = None
    become_method: Any = None
    become_flags: Any = None
    become_exe: Any = None
    connection: Any = None
    remote_user: Any = None
    port: Any = None
    ignore_errors: Any = None
    ignore_unreachable: Any = None
    any_errors_fatal: Any = None
    no_log: Any = None
    check_mode: Any = None
    diff: Any = None
    run_once: Any = None
    throttle: Any = None
    timeout: Any = None
    delegate_to: Any = None
    delegate_facts: Any = None
    debugger: Any = None
    collections: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Role:
    """A role's files, read once: `uses` are its dependencies; handlers and tasks are its main files'.

    `params` of a use and `defaults`/`vars` are separate layers of precedence. `tasks` are its own only: what
    its dependencies do comes before, and is the compiler's to put there. Roles and their tasks refer to each
    other, so they are compared by identity. `name` is in full for a role of a `collection`; `collections`
    are those whose roles it names shortly.
    """

    name: str
    path: str
    defaults: Mapping
    vars: Mapping
    tasks: tuple[Node, ...] = ()
    handlers: tuple[Node, ...] = ()
    uses: tuple[RoleUse, ...] = ()
    allow_duplicates: bool = False
    argument_specs: Mapping = field(default_factory=Mapping)
    collection: str = ""
    collections: tuple[Any, ...] = ()

    @property
    def short(self) -> str:
        """The name without the collection it is in."""
        return self.name.removeprefix(f"{self.collection}.") if self.collection else self.name

    @property
    def prefixes(self) -> tuple[str, ...]:
        """What may stand before the name of one of its handlers, the full name first."""
        return tuple(dict.fromkeys((f"{self.name} : ", f"{self.short} : ")))


@dataclass(frozen=True, slots=True, eq=False)
class RoleUse:
    """A role as named by a play, a dependency, or `import_role`: parameters, keywords and place.

    A Block whose `role` is this use has the very same keywords; they count once.
    """

    role: Role
    params: Mapping
    keywords: Keywords
    span: Span
    public: bool = True


@dataclass(frozen=True, slots=True)
class Loop:
    """What a task repeats over: `kind` is "loop" or the lookup's name of `with_X`; `items` as written."""

    kind: str
    items: Any
    control: Mapping = field(default_factory=Mapping)
    span: Span | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """One task or handler: canonical action name, its arguments as written, and its keywords.

    written: the action's name as the task has it, by which a task without a name is called.
    free_form: the bare string after the action's name, when the action takes one.
    source: the file the task stands in; relative file names are looked up from there.
    role: the use of the role whose file the task stands in, or None. needs: names of tasks it waits for
    instead of the one before it. listen: topics of a handler. tells_facts: the module is a user's own, and
    may set facts that nobody knows of.
    """

    action: str
    args: Mapping
    keywords: Keywords
    span: Span
    source: str
    free_form: Text | None = None
    args_template: Any = None
    loop: Loop | None = None
    register: str | None = None
    until: tuple[Any, ...] = ()
    retries: Any = None
    delay: Any = None
    changed_when: tuple[Any, ...] | None = None
    failed_when: tuple[Any, ...] | None = None
    notify: tuple[Any, ...] = ()
    listen: tuple[Any, ...] = ()
    async_seconds: Any = None
    poll: Any = None
    needs: tuple[str, ...] = ()
    role: RoleUse | None = field(default=None, repr=False)
    action_span: Span | None = None
    implicit: bool = False
    written: str = ""
    tells_facts: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Tasks that share keywords, with what to do when one fails and what to do in any case.

    A static import (import_tasks, import_role, a play's role) is a Block as well; `role` is then set for
    a role, so that its variables are in scope inside, and `origin` says "block", "import_tasks", "role".
    """

    tasks: tuple[Node, ...]
    keywords: Keywords
    span: Span
    rescue: tuple[Node, ...] = ()
    always: tuple[Node, ...] = ()
    role: RoleUse | None = None
    origin: str = "block"


Node = Task | Block


@dataclass(frozen=True, slots=True)
class Prompt:
    """A variable asked of the user before a play: `vars_prompt`."""

    name: str
    options: Mapping
    span: Span


@dataclass(frozen=True, slots=True)
class Play:
    """One play. `roles` are Blocks with `role` set. `services` maps a service's name to its raw mapping,
    `hooks` a service's name and a phase to tasks.

    `role_uses` are all roles known before the run: those of `roles:` and of `import_role`, each after its
    dependencies; their handlers, defaults and variables belong to the whole play.
    """

    hosts: Any
    keywords: Keywords
    span: Span
    source: str
    vars_files: tuple[Any, ...] = ()
    vars_prompt: tuple[Prompt, ...] = ()
    gather_facts: Any = None
    gather_subset: Any = None
    gather_timeout: Any = None
    strategy: Any = None
    serial: tuple[Any, ...] = ()
    order: Any = None
    max_fail_percentage: Any = None
    force_handlers: Any = None
    pre_tasks: tuple[Node, ...] = ()
    roles: tuple[Block, ...] = ()
    tasks: tuple[Node, ...] = ()
    post_tasks: tuple[Node, ...] = ()
    handlers: tuple[Node, ...] = ()
    role_uses: tuple[RoleUse, ...] = ()
    services: Mapping = field(default_factory=Mapping)
    hooks: Map[tuple[str, str], tuple[Node, ...]] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    fact_path: Any = None


@dataclass(frozen=True, slots=True)
class Playbook:
    """All plays of a run in order, imported playbooks in their places.

    foreseen: what an include with a constant name will bring (each file once), for checks before the run.
    """

    path: str
    plays: tuple[Play, ...]
    extra: Map[str, Any] = field(default_factory=dict)
    warnings: tuple[Diagnostic, ...] = ()
    foreseen: Map[Task, tuple[Node, ...] | RoleUse] = field(default_factory=dict, repr=False)
