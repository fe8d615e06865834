"""What can be said of any directed graph: an order, a cycle, the edges that say nothing new.

A graph is a mapping from each node to the nodes it needs. Nodes that are only needed may be left out.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import TypeVar

N = TypeVar("N", bound=Hashable)
Needs = Mapping[N, Iterable[N]]


class Cycle(ValueError):
    """Nodes that need each other; `members` in order, each needing the next, the last needing the first."""

    def __init__(self, members: Sequence[Hashable]) -> None:
        super().__init__(" → ".join(str(node) for node in (*members, members[0])))
        self.members = tuple(members)


def order(needs: Needs[N]) -> list[N]:
    """Return every node after all it needs, keeping the given order where it is free; raise Cycle."""
    done: dict[N, None] = {}
    open_: dict[N, None] = {}
    for root in needs:
        _visit(root, needs, done, open_)
    return list(done)


def _visit(root: N, needs: Needs[N], done: dict[N, None], open_: dict[N, None]) -> None:
    if root in done:
        return
    open_[root] = None
    stack = [(root, iter(needs.get(root, ())))]
    while stack:
        node, rest = stack[-1]
        for need in rest:
            if need in open_:
                path = list(open_)
                raise Cycle(path[path.index(need) :])
            if need not in done:
                open_[need] = None
                stack.append((need, iter(needs.get(need, ()))))
                break
        else:
            stack.pop()
            del open_[node]
            done[node] = None


def reduce(needs: Needs[N]) -> dict[N, list[N]]:
    """Return the graph without the edges that a longer path already implies."""
    ordered = order(needs)
    place = {node: number for number, node in enumerate(ordered)}
    below: dict[N, int] = {}
    reduced: dict[N, list[N]] = {}
    for node in ordered:
        seen, kept = 0, []
        direct = dict.fromkeys(needs.get(node, ()))
        for need in sorted(direct, key=place.__getitem__, reverse=True):
            if not seen >> place[need] & 1:
                kept.append(need)
                seen |= below[need] | 1 << place[need]
        below[node] = seen
        reduced[node] = kept[::-1]
    return reduced
