"""The walker's cost."""

from __future__ import annotations

import time

from orchestr8.compile.rows import Kind, Need, Reach, Row, When
from orchestr8.engine.walker import GOOD, Walker


def test_half_a_million_cells_in_about_a_second() -> None:
    tasks, hosts = 500, 1000
    rows = [
        Row(i, Kind.TASK, [Need(i - 1), Need(i - 1, Reach.ALL, When.DONE)] if i else []) for i in range(tasks)
    ]
    rows.append(Row(tasks, Kind.JOIN, [Need(i, when=When.DONE) for i in range(tasks)]))
    started = time.process_time()
    walker = Walker(rows, hosts)
    ready = walker.begin()
    count = 0
    while ready:
        following = []
        for row, host in ready:
            following += walker.finish(row, host, GOOD)
            count += 1
        ready = following
    seconds = time.process_time() - started
    print(f"{count} cells in {seconds:.2f} s of CPU")
    assert count == tasks * hosts
    assert walker.finished
    assert seconds < 20  # several times what it takes, so that a busy machine passes
