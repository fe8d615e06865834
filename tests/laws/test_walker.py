"""Laws of the walker, under random graphs, orders, failures, losses and expansions.

The oracle is the definition: for every cell it looks at every prerequisite cell by itself.
"""

from __future__ import annotations

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from orchestr8.compile.rows import Kind, Need, Reach, Row, When
from orchestr8.engine.walker import BAD, CANCELLED, GOOD, LOST, Walker

MET = {
    When.GOOD: {GOOD},
    When.BAD: {BAD},
    When.RAN: {GOOD, BAD},
    When.DONE: {GOOD, BAD, CANCELLED},
}


def cells(row: Row, hosts: int) -> list[int]:
    return list(range(hosts) if row.hosts is None else row.hosts)


@st.composite
def needs(draw: st.DrawFn, known: list[int], *, barriers: bool = True) -> list[Need]:
    chosen = draw(st.lists(st.sampled_from(known), max_size=3, unique=True)) if known else []
    out = []
    for row in chosen:
        reach = draw(st.sampled_from([Reach.SAME, Reach.SAME, Reach.ALL])) if barriers else Reach.SAME
        when = draw(st.sampled_from([When.DONE, When.GOOD] if reach is Reach.ALL else list(When)))
        out.append(Need(row, reach, when))
    return out


@st.composite
def rows(draw: st.DrawFn, hosts: int, first: int, known: list[int], count: int) -> list[Row]:
    out: list[Row] = []
    for index in range(first, first + count):
        before = known + [r.index for r in out]
        shape = draw(st.sampled_from(["task"] * 5 + ["join", "once", "fatal", "include"]))
        subset = draw(st.none() | st.lists(st.integers(0, hosts - 1), unique=True).map(tuple))
        join = shape == "join" and before
        row = Row(
            index,
            Kind.JOIN if join else Kind.INCLUDE if shape == "include" else Kind.TASK,
            draw(needs(before, barriers=not join)),
            hosts=subset,
            once=shape == "once",
            hold=shape in ("fatal", "include"),
            fatal=shape == "fatal",
        )
        if join:
            row.needs = [Need(n.row, Reach.SAME, When.DONE) for n in row.needs]
        out.append(row)
        if shape == "include":
            row.end = -2
    return out


class World:
    """Drives a walker at random and writes down what it saw."""

    def __init__(self, graph: list[Row], hosts: int, data: st.DataObject) -> None:
        self.hosts, self.data = hosts, data
        self.walker = Walker(graph, hosts)
        self.ready: list[tuple[int, int]] = []
        self.told: dict[tuple[int, int], int] = {}
        self.stopped = False

    def run(self) -> None:
        self.take(self.walker.begin())
        while self.ready or self.walker.arrived:
            if self.walker.arrived:
                self.settle(self.walker.arrived.pop())
                continue
            row, host = self.ready.pop(self.data.draw(st.integers(0, len(self.ready) - 1)))
            if self.walker.gone[host] or self.walker.stopped:
                self.take(self.walker.cancel(row, host))
                continue
            end = self.data.draw(st.sampled_from([GOOD] * 6 + [BAD, LOST]))
            for shared in self.walker.sharing(row) or (host,):
                self.told[row, shared] = end if shared == host else min(end, BAD)
            self.take(self.walker.finish(row, host, end))
            if not self.stopped and self.data.draw(st.integers(0, 40)) == 40:
                self.stopped = True
                self.take(self.walker.stop())

    def settle(self, row: int) -> None:
        walker = self.walker
        if walker.rows[row].kind is Kind.INCLUDE and len(walker.rows) < 30:
            join = walker.rows[row].end
            count = self.data.draw(st.integers(0, 3))
            added = self.data.draw(rows(self.hosts, len(walker.rows), [row, *range(row)], count))
            inside = set(walker.cells(row))
            for new in added:
                new.end = join
                new.hosts = tuple(h for h in cells(new, self.hosts) if h in inside)
                new.needs.append(Need(row))
                if new.kind is Kind.JOIN:
                    new.needs = [Need(n.row, Reach.SAME, When.DONE) for n in new.needs]
                new.needs = [n for n in new.needs if n.row != join]
            self.take(walker.add(added, [r.index for r in added], join))
        self.take(walker.settle(row))

    def take(self, new: list[tuple[int, int]]) -> None:
        for row, host in new:
            for shared in self.walker.sharing(row) or (host,):
                self.check_ready(row, shared)
        self.ready += new

    def check_ready(self, row: int, host: int) -> None:
        assert (row, host) not in self.told
        for need in self.walker.rows[row].needs:
            source = self.walker.rows[need.row]
            for other in cells(source, self.hosts):
                if need.reach is Reach.ALL or other == host:
                    assert self.walker.state(need.row, other) in MET[need.when]


def expected(walker: Walker, row: Row, host: int) -> set[int]:
    """Return how a cell that never ran may have ended, by the definition."""
    unmet = False
    seen = set()
    for need in row.needs:
        for other in cells(walker.rows[need.row], walker.hosts):
            if need.reach is Reach.ALL or other == host:
                state = int(walker.state(need.row, other))
                seen.add(state)
                unmet = unmet or state not in MET[need.when]
    if row.kind is Kind.JOIN:
        return {BAD if BAD in seen else CANCELLED if CANCELLED in seen else GOOD}
    return {CANCELLED} if unmet or walker.gone[host] or walker.stopped else set()


@settings(max_examples=200, deadline=None, phases=[Phase.generate])
@given(st.data())
def test_every_cell_ends_exactly_once_and_as_defined(data: st.DataObject) -> None:
    hosts = data.draw(st.integers(1, 4))
    count = data.draw(st.integers(1, 12))
    graph = data.draw(rows(hosts, 0, [], count))
    join = Row(len(graph), Kind.JOIN, [Need(r.index, Reach.SAME, When.DONE) for r in graph])
    for row in graph:
        if row.end == -2:
            row.end = join.index
    world = World([*graph, join], hosts, data)
    world.run()
    walker = world.walker
    assert walker.finished
    for row in walker.rows:
        for host in cells(row, hosts):
            state = int(walker.state(row.index, host))
            told = world.told.get((row.index, host))
            if told is None:
                assert state in expected(walker, row, host), (row.index, host, state, brief(walker))
            elif row.fatal:
                worst = any(world.told.get((row.index, other), GOOD) != GOOD for other in cells(row, hosts))
                assert state == (BAD if worst else GOOD)
            elif row.once and walker.gone[host]:
                # What another host did for a lost one matters to nobody: it starts nothing more.
                assert state in (CANCELLED, min(told, BAD))
            else:
                assert state == min(told, BAD)


def block(*, rescue: bool, always: bool, linear: bool) -> list[Row]:
    """Return `before`, a block of two tasks with its sections, and `after`."""
    out = [Row(0, Kind.TASK, [], "before")]

    def chain(after: int) -> list[Need]:
        return [Need(after), *([Need(after, Reach.ALL, When.DONE)] if linear else [])]

    def add(kind: Kind, label: str, wants: list[Need]) -> int:
        out.append(Row(len(out), kind, wants, label))
        return len(out) - 1

    first = add(Kind.TASK, "body", chain(0))
    second = add(Kind.TASK, "body", chain(first))
    body = add(Kind.JOIN, "", [Need(first, when=When.DONE), Need(second, when=When.DONE)])
    caught = finally_ = -1
    if rescue:
        task = add(Kind.TASK, "rescue", [Need(body, when=When.BAD)])
        caught = add(Kind.JOIN, "", [Need(task, when=When.DONE)])
    if always:
        before = [Need(caught, when=When.DONE)] if rescue else []
        task = add(Kind.TASK, "always", [Need(body, when=When.RAN), *before])
        finally_ = add(Kind.JOIN, "", [Need(task, when=When.DONE)])
    exits = [s for s in (body, caught, finally_) if s >= 0]
    end = add(Kind.EXIT, "", [Need(s, when=When.DONE) for s in exits])
    out[end].sections = (body, caught, finally_)
    add(Kind.TASK, "after", chain(end))
    return out


@settings(max_examples=200, deadline=None, phases=[Phase.generate])
@given(st.booleans(), st.booleans(), st.booleans(), st.data())
def test_rescue_only_after_a_failure_always_in_any_case(
    rescue: bool, always: bool, linear: bool, data: st.DataObject
) -> None:
    hosts = data.draw(st.integers(1, 4))
    world = World(block(rescue=rescue, always=always, linear=linear), hosts, data)
    world.run()
    for host in range(hosts):
        if world.stopped or world.walker.gone[host]:
            continue
        ran = {world.walker.rows[r].label: e for (r, h), e in world.told.items() if h == host}
        failed = any(
            e == BAD for (r, h), e in world.told.items() if h == host and world.walker.rows[r].label == "body"
        )
        entered = "body" in ran
        assert ("rescue" in ran) == (rescue and entered and failed)
        assert ("always" in ran) == (always and entered)
        handled = entered and (not failed or ran.get("rescue") == GOOD) and ran.get("always", GOOD) == GOOD
        assert ("after" in ran) == handled


@settings(max_examples=100, deadline=None)
@given(st.integers(2, 5), st.data())
def test_no_host_passes_a_barrier_alone(hosts: int, data: st.DataObject) -> None:
    graph = [
        Row(i, Kind.TASK, [Need(i - 1), Need(i - 1, Reach.ALL, When.DONE)] if i else []) for i in range(4)
    ]
    world = World(graph, hosts, data)
    world.run()
    order = [row for row, _ in world.told]
    if not world.stopped:
        assert order == sorted(order)
    assert set(world.told.values()) <= {GOOD, BAD, LOST}


def brief(walker: Walker) -> str:
    """Return the rows as short lines for a failure's message."""
    return "\n".join(
        f"{r.index} {r.kind.value} {'once' if r.once else ''} {'fatal' if r.fatal else ''} hosts={r.hosts}"
        f" needs={[(n.row, n.reach.value, n.when.value) for n in r.needs]}"
        f" states={[int(walker.state(r.index, h)) for h in walker.cells(r.index)]}"
        for r in walker.rows
    )
