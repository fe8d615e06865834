"""Measures what one more task that changes nothing costs on a host that is already connected.

Usage: python -m tests.bench.further [--runs 3]
Two plays that differ only in how many tasks they have are timed in turn; the difference of their medians,
divided by the tasks more, is the cost of a task: reading the file, planning, the call, the reporter's lines.
"""

from __future__ import annotations

import argparse
import shutil
import statistics

from tests.bed.farm import Farm
from tests.bench.compare import ROOT, Tool, inventories, o8, timed

FEW, MANY = 20, 520
TASK = "    - copy: {content: same, dest: /tmp/o8-bench-further, mode: '0644'}\n"


def play(tasks: int) -> str:
    """Return a playbook of so many tasks that all want the same."""
    return "- hosts: all\n  gather_facts: false\n  tasks:\n" + TASK * tasks


def milliseconds(farm: Farm, runs: int) -> float:
    """Return the cost of a further task in milliseconds of wall time."""
    folder = ROOT / ".bed" / "bench" / "further"
    inventory, _ = inventories(farm, farm.addresses(1), folder)
    tools = []
    for tasks in (FEW, MANY):
        (folder / f"{tasks}.yml").write_text(play(tasks))
        tools.append(
            Tool(str(tasks), [o8(), "run", str(folder / f"{tasks}.yml"), "-i", str(inventory), "--plain"])
        )
    timed(tools[0])
    samples = [[timed(tool)[0] for tool in tools] for _ in range(runs)]
    few, many = (statistics.median(turn[index] for turn in samples) for index in (0, 1))
    return (many - few) / (MANY - FEW) * 1000


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    try:
        cost = milliseconds(Farm.standing(), options.runs)
        print(f"a further unchanged task on a connected host: {cost:.2f} ms")
    finally:
        shutil.rmtree(ROOT / ".bed" / "bench", ignore_errors=True)


if __name__ == "__main__":
    main()
