"""Runs tasks of a play that belong to one of its steps, as a play of their own within it."""

from __future__ import annotations

from collections.abc import Mapping as Given
from collections.abc import Sequence
from copy import copy
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from orchestr8.compile.play import compile_play
from orchestr8.core.errors import Diagnostic, HostFailed
from orchestr8.core.span import Mapping
from orchestr8.engine.host_state import HostState
from orchestr8.engine.lanes import Lanes
from orchestr8.engine.play_run import PlayRun
from orchestr8.language.syntax import Block, Keywords, Node

if TYPE_CHECKING:
    from orchestr8.engine.shared import Shared


def run_extra(
    shared: Shared,
    play: PlayRun,
    nodes: Sequence[Node],
    hosts: Sequence[HostState],
    title: str,
    variables: Given[str, Any] | None = None,
) -> None:
    """Run tasks on hosts, by default once for all of them; raise HostFailed when one fails.

    They see what the play's tasks see and `variables`, notify its handlers, and ignore the tags that were
    asked for.
    """
    from orchestr8.engine.batch import Batch

    if variables:
        nodes = (Block(tuple(nodes), Keywords(vars=Mapping(variables.items())), play.play.span),)
    own = replace(play.play.keywords, run_once=True)
    bare = replace(
        play.play, keywords=own, pre_tasks=(), roles=(), tasks=tuple(nodes), post_tasks=(), services=Mapping()
    )
    settings = replace(play.settings, gather=False, tags=(), skip_tags=(), start_at=None)
    inner = play.within(compile_play(bare, settings), settings)
    nested = copy(shared)
    nested.lanes = Lanes(shared.tools.options.forks)
    shared.inner.append(nested)
    try:
        end = Batch(inner, nested, hosts, 0).go()
    finally:
        shared.inner.remove(nested)
        nested.lanes.close()
    if end.failed or end.lost:
        where = ", ".join((*end.failed, *end.lost))
        raise HostFailed(Diagnostic("O8-3209", f"{title} failed on {where}", play.play.services.span))
