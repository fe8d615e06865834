"""Goes through all tasks of a playbook, with what encloses each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from collections.abc import Mapping as Map
from dataclasses import dataclass, replace

from orchestr8.language.syntax import Block, Keywords, Node, Play, RoleUse, Task

Foreseen = Map[Task, tuple[Node, ...] | RoleUse]


@dataclass(frozen=True, slots=True)
class Around:
    """What encloses a task, outermost first. spared: its failure is expected or rescued."""

    keywords: tuple[Keywords, ...] = ()
    roles: tuple[RoleUse, ...] = ()
    spared: bool = False

    @property
    def conditional(self) -> bool:
        """Whether the task may never run."""
        return any(words.when for words in self.keywords)

    def inside(self, words: Keywords, *, spared: bool = False) -> Around:
        """Return what encloses the tasks of a block."""
        ignored = words.ignore_errors not in (None, False)
        return replace(self, keywords=(*self.keywords, words), spared=self.spared or spared or ignored)


def tasks_of(play: Play, foreseen: Foreseen) -> Iterator[tuple[Task, Around]]:
    """Yield every task and handler of a play that is known before the run."""
    around = Around().inside(play.keywords)
    hooks = (node for nodes in play.hooks.values() for node in nodes)
    yield from walk(
        (*play.pre_tasks, *play.roles, *play.tasks, *hooks, *play.post_tasks, *play.handlers),
        around,
        foreseen,
    )
    for use in play.role_uses:
        yield from walk(use.role.handlers, _in_role(around.inside(use.keywords), use), foreseen)


def walk(nodes: Iterable[Node], around: Around, foreseen: Foreseen) -> Iterator[tuple[Task, Around]]:
    """Yield every task below `nodes`, those of dependencies and foreseen includes as well."""
    for node in nodes:
        if isinstance(node, Block):
            yield from _block(node, around, foreseen)
        else:
            inside = around.inside(node.keywords, spared=node.failed_when is not None)
            yield node, inside
            yield from _included(foreseen.get(node), inside, foreseen)


def _block(block: Block, around: Around, foreseen: Foreseen) -> Iterator[tuple[Task, Around]]:
    inside = around.inside(block.keywords)
    if block.role:
        yield from _role(block.role, inside, foreseen, block.tasks)
        return
    yield from walk(block.tasks, around.inside(block.keywords, spared=bool(block.rescue)), foreseen)
    yield from walk((*block.rescue, *block.always), inside, foreseen)


def _in_role(around: Around, use: RoleUse) -> Around:
    return replace(around, roles=(*around.roles, use))


def _role(
    use: RoleUse, around: Around, foreseen: Foreseen, tasks: Iterable[Node]
) -> Iterator[tuple[Task, Around]]:
    inside = _in_role(around, use)
    for dependency in use.role.uses:
        yield from _role(dependency, inside.inside(dependency.keywords), foreseen, dependency.role.tasks)
    yield from walk(tasks, inside, foreseen)


def _included(
    found: tuple[Node, ...] | RoleUse | None, around: Around, foreseen: Foreseen
) -> Iterator[tuple[Task, Around]]:
    if isinstance(found, RoleUse):
        yield from _role(found, around, foreseen, found.role.tasks)
        yield from walk(found.role.handlers, _in_role(around, found), foreseen)
    elif found:
        yield from walk(found, around, foreseen)
