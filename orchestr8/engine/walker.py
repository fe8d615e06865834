"""Decides which cell of a task graph may run next; knows nothing of time, threads or hosts' names."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from enum import IntEnum

from orchestr8.compile.rows import Kind, Need, Reach, Row, When

Cell = tuple[int, int]


class End(IntEnum):
    """How far a cell is; from GOOD on it has ended. LOST is BAD for a host that is gone."""

    WAITING = 0
    OPEN = 1
    HELD = 2
    GOOD = 3
    BAD = 4
    CANCELLED = 5
    LOST = 6


WAITING, OPEN, HELD, GOOD, BAD, CANCELLED, LOST = (int(end) for end in End)
_MET = {
    When.GOOD: frozenset((GOOD,)),
    When.BAD: frozenset((BAD,)),
    When.RAN: frozenset((GOOD, BAD)),
    When.DONE: frozenset((GOOD, BAD, CANCELLED)),
}
States = bytearray | dict[int, int]


class Walker:
    """Walks one graph over `hosts` hosts.

    `begin` and every later call return the cells that just became ready, each once. The caller ends each of
    them exactly once by `finish` or `cancel`. `arrived` lists held rows whose cells are all in: the caller
    may `add` rows to them, then has to `settle` them.
    """

    def __init__(self, rows: Sequence[Row], hosts: int) -> None:
        self.hosts = hosts
        self.rows: list[Row] = []
        self.arrived: list[int] = []
        self.gone = bytearray(hosts)
        self.forgiven = bytearray(hosts)
        self.stopped = False
        self._state: list[States] = []
        self._pending: list[MutableMapping[int, int] | bytearray | array[int]] = []
        self._spoilt: list[States] = []
        self._left: list[int] = []
        self._gate: list[int] = []
        self._same: list[list[tuple[int, frozenset[int]]]] = []
        self._all: list[list[tuple[int, bool]]] = []
        self._held: dict[int, dict[int, int]] = {}
        self._shared: dict[int, list[int]] = {}
        self._ready: list[Cell] = []
        self._append(rows)  # nothing has ended yet, so nothing is ruled out

    @property
    def finished(self) -> bool:
        """Whether every cell has ended."""
        return not any(self._left)

    def state(self, row: int, host: int) -> End:
        """Return how far a cell is."""
        return End(self._state[row][host])

    def cells(self, row: int) -> Iterable[int]:
        """Return the hosts of a row."""
        hosts = self.rows[row].hosts
        return range(self.hosts) if hosts is None else hosts

    def sharing(self, row: int) -> Sequence[int]:
        """Return the hosts for which a `once` row's cell does the work."""
        return self._shared.get(row, ())

    def begin(self) -> list[Cell]:
        """Return the cells that need nothing."""
        for row in range(len(self.rows)):
            self._open_row(row)
        return self._take()

    def finish(self, row: int, host: int, end: int, each: Mapping[int, int] | None = None) -> list[Cell]:
        """End a ready cell as GOOD, BAD or LOST; `each` says how a shared cell ended on single hosts."""
        if self.rows[row].once:
            for other in self._shared[row]:
                self._close(row, other, (each or {}).get(other, min(end, BAD) if other != host else end))
        else:
            self._close(row, host, end)
        return self._take()

    def cancel(self, row: int, host: int) -> list[Cell]:
        """End a ready cell that never started; a shared cell goes to another host that is still there."""
        for other in self._shared.pop(row, (host,)):
            if self.stopped or other == host or self.gone[other]:
                self._close(row, other, CANCELLED)
        return self._take()

    def leave(self, host: int) -> None:
        """Let a host start nothing more; its open cells still end."""
        self.gone[host] = 1

    def forgive(self, host: int) -> None:
        """Let a host go on behind the block in which it failed."""
        self.forgiven[host] = 1

    def stop(self) -> list[Cell]:
        """Let nothing more start; cells that are ready are the caller's to cancel or finish."""
        self.stopped = True
        for row, states in enumerate(self._state):
            if not self.rows[row].virtual:
                for host in self.cells(row):
                    if states[host] == WAITING or (states[host] == OPEN and self._is_parked(row)):
                        self._end(row, host, CANCELLED)
        return self._take()

    def add(self, rows: Sequence[Row], members: Sequence[int], join: int) -> list[Cell]:
        """Splice in rows; the not yet ended join `join` waits for `members` of them, too."""
        for index in self._append(rows):
            self._end(*index, CANCELLED)
        for member in members:
            self.rows[join].needs.append(Need(member, Reach.SAME, When.DONE))
            self._same[member].append((join, _MET[When.DONE]))
            for host in self.cells(member):
                self._input(join, host, self._state[member][host])
        for row in rows:
            self._open_row(row.index)
        return self._take()

    def left(self, row: int) -> int:
        """Return how many cells of a row have not ended."""
        return self._left[row]

    def settle(self, row: int, failed: Iterable[int] = ()) -> list[Cell]:
        """End the cells of a held row that arrived; those of `failed` hosts end badly after all."""
        held = self._held.pop(row)
        held.update((host, BAD) for host in failed)
        spoilt = self.rows[row].fatal and any(end in (BAD, LOST) for end in held.values())
        for host, end in held.items():
            self._end(row, host, BAD if spoilt and end == GOOD else end)
        return self._take()

    def _take(self) -> list[Cell]:
        ready, self._ready = self._ready, []
        return ready

    def _is_parked(self, row: int) -> bool:
        return self.rows[row].once and row not in self._shared

    def _append(self, rows: Sequence[Row]) -> list[Cell]:
        """Take rows in; return those of their cells that what already ended rules out."""
        for row in rows:
            self._allocate(row)
        return [cell for row in rows for need in row.needs for cell in self._connect(row.index, need)]

    def _connect(self, row: int, need: Need) -> list[Cell]:
        if need.reach is Reach.ALL:
            return self._connect_barrier(row, need)
        met, states, mine = _MET[need.when], self._state[need.row], self._pending[row]
        self._same[need.row].append((row, met))
        if len(mine) == 0 or not any(states.values() if isinstance(states, dict) else states):
            return []
        ruled_out = []
        for host in self.cells(row):
            if _has(states, host) and states[host] >= GOOD:
                if self.rows[row].virtual or states[host] in met:
                    mine[host] -= 1
                    self._spoil(row, host, states[host])
                else:
                    ruled_out.append((row, host))
        return ruled_out

    def _connect_barrier(self, row: int, need: Need) -> list[Cell]:
        if self._left[need.row]:
            self._all[need.row].append((row, need.when is When.GOOD))
            return []
        self._gate[row] -= 1
        if need.when is When.GOOD and self._is_spoilt(need.row):
            return [(row, host) for host in self.cells(row)]
        return []

    def _is_spoilt(self, row: int) -> bool:
        return any(self._state[row][host] != GOOD for host in self.cells(row))

    def _input(self, join: int, host: int, end: int) -> None:
        if end < GOOD:
            self._pending[join][host] += 1
        else:
            self._spoil(join, host, end)

    def _allocate(self, row: Row) -> None:
        same = sum(1 for need in row.needs if need.reach is Reach.SAME)
        self.rows.append(row)
        self._same.append([])
        self._all.append([])
        self._gate.append(len(row.needs) - same)
        self._left.append(self.hosts if row.hosts is None else len(row.hosts))
        if row.hosts is None and all(self.rows[n.row].hosts is None for n in row.needs):
            self._state.append(bytearray(self.hosts))
            self._spoilt.append(bytearray(self.hosts if row.virtual else 0))
            wide = row.virtual or same > 255
            self._pending.append(array("i", [same]) * self.hosts if wide else bytearray([same]) * self.hosts)
            return
        hosts = range(self.hosts) if row.hosts is None else row.hosts
        self._state.append(dict.fromkeys(hosts, WAITING))
        self._spoilt.append(dict.fromkeys(hosts, 0))
        inputs = [self._state[n.row] for n in row.needs if n.reach is Reach.SAME]
        self._pending.append({h: sum(_has(states, h) for states in inputs) for h in hosts})

    def _open_row(self, row: int) -> None:
        if self._gate[row] == 0:
            states, pending = self._state[row], self._pending[row]
            for host in self.cells(row):
                if states[host] == WAITING and pending[host] == 0:
                    self._offer(row, host)

    def _offer(self, row: int, host: int) -> None:
        kind = self.rows[row]
        if kind.virtual:
            self._end(row, host, self._joined(kind, host))
        elif self.stopped or self.gone[host]:
            self._end(row, host, CANCELLED)
        else:
            self._state[row][host] = OPEN
            if kind.once:
                self._offer_shared(row)
            else:
                self._ready.append((row, host))

    def _offer_shared(self, row: int) -> None:
        if row in self._shared:
            return
        states = self._state[row]
        waiting = [host for host in self.cells(row) if states[host] == OPEN]
        if waiting and len(waiting) == self._left[row]:
            self._shared[row] = waiting
            self._ready.append((row, next((h for h in waiting if not self.gone[h]), waiting[0])))

    def _joined(self, row: Row, host: int) -> int:
        if row.kind is Kind.JOIN:
            spoilt = self._spoilt[row.index][host]
            return BAD if spoilt & 1 else CANCELLED if spoilt else GOOD
        body, rescue, always = (self._section(index, host) for index in row.sections)
        if body == CANCELLED:
            return CANCELLED
        if always == BAD or (body == BAD and rescue != GOOD):
            return GOOD if self.forgiven[host] else BAD
        return GOOD

    def _section(self, index: int, host: int) -> int:
        return self._state[index][host] if index >= 0 else CANCELLED

    def _close(self, row: int, host: int, end: int) -> None:
        if end == LOST:
            self.gone[host] = 1
        if self.rows[row].hold:
            self._state[row][host] = HELD
            self._held.setdefault(row, {})[host] = end
            self._check_arrived(row)
        else:
            self._end(row, host, end)

    def _check_arrived(self, row: int) -> None:
        if len(self._held[row]) == self._left[row]:
            self.arrived.append(row)

    def _end(self, row: int, host: int, end: int) -> None:
        """End a cell and all that follows from it, without recursion over the graph's depth."""
        stack = [(row, host, BAD if end == LOST else end)]
        state, left, rows = self._state, self._left, self.rows
        while stack:
            r, h, s = stack.pop()
            if state[r][h] >= GOOD:
                continue
            state[r][h] = s
            left[r] -= 1
            self._tell_followers(r, h, s, stack)
            if left[r] == 0:
                for q, good in self._all[r]:
                    self._pass_gate(r, q, good=good)
                    if self._gate[q] == 0:
                        self._advance_row(q, stack)
            elif rows[r].once:
                self._offer_shared(r)
            elif r in self._held:
                self._check_arrived(r)

    def _tell_followers(self, row: int, host: int, end: int, stack: list[tuple[int, int, int]]) -> None:
        state, pending = self._state, self._pending
        for q, met in self._same[row]:
            cells = state[q]
            if (cells.get(host, GOOD) if type(cells) is dict else cells[host]) != WAITING:
                continue
            if end != GOOD and self.rows[q].virtual:
                self._spoil(q, host, end)
            elif end not in met and not self.rows[q].virtual:
                stack.append((q, host, CANCELLED))
                continue
            pending[q][host] -= 1
            if pending[q][host] == 0 and self._gate[q] == 0:
                self._advance(q, host, stack)

    def _advance(self, row: int, host: int, stack: list[tuple[int, int, int]]) -> None:
        kind = self.rows[row]
        if kind.virtual:
            stack.append((row, host, self._joined(kind, host)))
        elif self.stopped or self.gone[host]:
            stack.append((row, host, CANCELLED))
        elif kind.once:
            self._state[row][host] = OPEN
            self._offer_shared(row)
        else:
            self._state[row][host] = OPEN
            self._ready.append((row, host))

    def _advance_row(self, row: int, stack: list[tuple[int, int, int]]) -> None:
        states, pending = self._state[row], self._pending[row]
        for host in self.cells(row):
            if states[host] == WAITING and pending[host] == 0:
                self._advance(row, host, stack)

    def _spoil(self, row: int, host: int, end: int) -> None:
        if end != GOOD and self.rows[row].virtual:
            self._spoilt[row][host] |= 1 if end == BAD else 2

    def _pass_gate(self, before: int, row: int, *, good: bool) -> None:
        self._gate[row] -= 1
        if good and self._is_spoilt(before):
            for host in self.cells(row):
                if self._state[row][host] == WAITING:
                    self._end(row, host, CANCELLED)


def _has(states: States, host: int) -> bool:
    return not isinstance(states, dict) or host in states
