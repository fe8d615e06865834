"""Measures orchestr8, ansible-core and pyinfra on the same play and hosts, in turn, in one run.

Usage: python -m tests.bench.compare [--hosts 10 100] [--runs 3] [--only o8,floor,pyinfra,ansible]
The peers live in a virtual environment of their own (.bench/), made on first use. Each tool runs once to
converge the hosts, then its second, unchanged runs are timed; the table has medians and ratios. Ansible at
more than 20 hosts runs once, timed, on what orchestr8 has converged by the same playbook.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.bed.farm import Farm

ROOT = Path(__file__).resolve().parents[2]
PLAY = Path(__file__).parent / "play"
PEERS = ROOT / ".bench"
STEPS = 13


@dataclass
class Tool:
    """A command to time, with its environment."""

    name: str
    argv: list[str]
    environ: dict[str, str] = field(default_factory=dict)
    runs: int = 3
    converges: bool = True


def peers() -> Path:
    """Return the bin folder of the peers' virtual environment, made on first use."""
    if not (PEERS / "bin/pyinfra").exists():
        subprocess.run([sys.executable, "-m", "venv", str(PEERS)], check=True)
        subprocess.run(
            [str(PEERS / "bin/pip"), "install", "-q", "ansible-core==2.19.*", "pyinfra>=3.5,<4"], check=True
        )
    return PEERS / "bin"


def inventories(farm: Farm, hosts: list[str], folder: Path) -> tuple[Path, Path]:
    """Write the inventory for ansible and o8, and the one for pyinfra; return both."""
    folder.mkdir(parents=True, exist_ok=True)
    options = f"-o UserKnownHostsFile={farm.known_hosts} -o IdentitiesOnly=yes"
    ini = folder / "hosts.ini"
    lines = "\n".join(hosts)
    ini.write_text(
        f"[all]\n{lines}\n[all:vars]\nansible_port={farm.port}\nansible_user={farm.user}\n"
        f"ansible_ssh_private_key_file={farm.key}\nansible_ssh_common_args='{options}'\n"
        f"ansible_python_interpreter=/usr/bin/python3\nbench_root=/tmp/o8-bench\n"
    )
    listed = [
        (
            h,
            {
                "ssh_port": farm.port,
                "ssh_user": farm.user,
                "ssh_key": str(farm.key),
                "ssh_allow_agent": False,
                "ssh_known_hosts_file": str(farm.known_hosts),
                "ssh_look_for_keys": False,
            },
        )
        for h in hosts
    ]
    python = folder / "hosts.py"
    python.write_text(f"hosts = {listed!r}\n")
    return ini, python


def o8() -> str:
    """Return the command under test: the one of the interpreter that runs this."""
    return str(Path(sys.executable).parent / "o8")


def tools(farm: Farm, hosts: list[str], runs: int, only: set[str]) -> list[Tool]:
    """Return the tools to time on these hosts."""
    ini, python = inventories(farm, hosts, ROOT / ".bed" / "bench" / str(len(hosts)))
    site = str(PLAY / "site.yml")
    cfg = ini.parent / "ansible.cfg"
    cfg.write_text(
        "[defaults]\nforks=50\nhost_key_checking=true\n[ssh_connection]\npipelining=true\n"
        "ssh_args=-o ControlMaster=auto -o ControlPersist=60s\n"
    )
    floor = [str(farm.key), str(farm.port), farm.user, str(STEPS), *hosts]
    found = [
        Tool("floor", [sys.executable, str(Path(__file__).parent / "floor.py"), *floor], runs=runs),
        Tool("o8", [o8(), "run", site, "-i", str(ini), "-f", "50", "--plain"], runs=runs),
    ]
    if only & {"pyinfra", "ansible"}:
        home, many = peers(), len(hosts) > 20
        pyinfra = [str(home / "pyinfra"), "-y", str(python), str(PLAY / "deploy.py")]
        ansible = [str(home / "ansible-playbook"), "-i", str(ini), site]
        found += [
            Tool("pyinfra", pyinfra, {"BENCH_ROOT": "/tmp/o8-bench"}, runs),
            Tool("ansible", ansible, {"ANSIBLE_CONFIG": str(cfg)}, 1 if many else runs, converges=not many),
        ]
    return [tool for tool in found if tool.name in only]


def timed(tool: Tool) -> tuple[float, float]:
    """Run a tool once; return wall seconds and the CPU seconds of its own processes.

    Each may keep its bytecode, as installed programs do: otherwise it is Python's compiler that is timed.
    """
    before, began = os.times(), time.perf_counter()
    environ = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"} | tool.environ
    done = subprocess.run(tool.argv, env=environ, capture_output=True, text=True)
    wall, after = time.perf_counter() - began, os.times()
    if done.returncode:
        sys.exit(f"{tool.name} failed with {done.returncode}:\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}")
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return wall, cpu


def measure(farm: Farm, count: int, runs: int, only: set[str]) -> list[tuple[str, float, float]]:
    """Return (tool, median wall seconds, median CPU seconds) for so many hosts; the tools take turns."""
    chosen = tools(farm, farm.addresses(count), runs, only)
    for tool in chosen:
        if tool.converges:
            timed(tool)
    samples: dict[str, list[tuple[float, float]]] = {tool.name: [] for tool in chosen}
    for turn in range(runs):
        for tool in chosen:
            if turn < tool.runs:
                samples[tool.name].append(timed(tool))
    return [
        (name, statistics.median(w for w, _ in rows), statistics.median(c for _, c in rows))
        for name, rows in samples.items()
    ]


def table(count: int, rows: list[tuple[str, float, float]]) -> str:
    """Return the figures of one fleet size as a Markdown table."""
    ours = next((wall for name, wall, _ in rows if name == "o8"), None)
    lines = [f"| {count} hosts | wall s | CPU s | wall / o8 |", "|---|---:|---:|---:|"]
    for name, wall, cpu in rows:
        ratio = f"{wall / ours:.2f}" if ours else "-"
        lines.append(f"| {name} | {wall:.2f} | {cpu:.2f} | {ratio} |")
    return "\n".join(lines)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hosts", type=int, nargs="+", default=[10, 100])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only", default="floor,o8,pyinfra,ansible")
    options = parser.parse_args()
    farm = Farm.standing()
    try:
        for count in options.hosts:
            print(table(count, measure(farm, count, options.runs, set(options.only.split(",")))), flush=True)
            print()
    finally:
        shutil.rmtree(ROOT / ".bed" / "bench", ignore_errors=True)


if __name__ == "__main__":
    main()
