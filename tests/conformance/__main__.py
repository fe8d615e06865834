"""Runs ansible-core's own integration targets with orchestr8, each in a sandbox.

A target that ends well with as many steps as ansible-core itself is a PASS; of the others the share of the
steps that came out well is shown with the reason. Without a target the 94 listed ones run. The distribution
is fetched once and kept outside the tree; the logs are in .bed/conformance.
"""

from __future__ import annotations

import argparse
import dataclasses
import fnmatch
import json
import shutil
import sys
from pathlib import Path
from typing import Any

from tests.conformance import pairs, programs, sandbox
from tests.conformance.distribution import Unavailable, fetched
from tests.conformance.running import Bench, run
from tests.conformance.verdict import Verdict

ROOT = sandbox.CHECKOUT
EXPECTED = Path(__file__).with_name("expected.json")
EPILOG = """\
examples:
  ./tests/run conformance                             the listed targets
  ./tests/run conformance loops 'lookup_*'            some of them, and any other of the distribution
  ./tests/run conformance --show                      what there is
  ./tests/run conformance --json handlers >result.json
  ./tests/run conformance --reference ansible-playbook --pairs 3 loops blocks
"""


def main() -> int:
    """Run what was asked for; return 0 if all passed."""
    parser = _parser()
    options = parser.parse_args()
    try:
        distribution = fetched()
    except Unavailable as problem:
        parser.exit(2, f"conformance: {problem}\n")
    logs = ROOT / ".bed" / "conformance"
    logs.mkdir(parents=True, exist_ok=True)
    installed = _installed(parser, options.reference) if options.reference else ROOT
    shown = sandbox.elsewhere(installed, distribution)
    bench = Bench(distribution, logs, options.timeout, options.interpreter, shown)
    expected: dict[str, int] = json.loads(EXPECTED.read_text())
    names = _chosen(parser, bench, options.targets, list(expected))
    if options.show:
        print("\n".join(names))
        return 0
    if reason := sandbox.impossible():
        parser.exit(2, f"conformance: {reason}\n")
    return _run_all(bench, names, expected, options)


def _installed(parser: argparse.ArgumentParser, reference: str) -> Path:
    """Return the folder of the reference's environment, which the sandbox must show."""
    found = shutil.which(reference)
    if not found:
        parser.error(f"there is no program {reference!r}")
    return Path(found).parent.parent


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "./tests/run conformance",
        description=__doc__,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("targets", nargs="*", metavar="TARGET", help="names or patterns of targets; default: the listed ones")
    add("--show", action="store_true", help="show the names of the targets that would run, and stop")
    add("--o8", default=str(Path(sys.executable).with_name("o8")), help="the command under test")
    add("--reference", metavar="PROGRAM", help="an ansible-playbook: time it too, in turn with orchestr8")
    add("--pairs", type=int, default=1, help="how often each is timed with --reference (default 1)")
    add("--timeout", type=float, default=300, metavar="SECONDS", help="the longest a target may take")
    add(
        "--interpreter",
        default="/usr/bin/python3",
        help="the hosts' Python; every user must be able to run it",
    )
    add("--json", action="store_true", help="print one JSON document in place of the table")
    return parser


def _chosen(
    parser: argparse.ArgumentParser, bench: Bench, patterns: list[str], listed: list[str]
) -> list[str]:
    """Return the names asked for, in the order of asking; a word that names nothing is an error."""
    if not patterns:
        return listed
    folder = bench.target(".").folder
    every = sorted(each.name for each in folder.iterdir() if bench.target(each.name).can_start)
    found: dict[str, None] = {}
    for pattern in patterns:
        matching = fnmatch.filter(every, pattern)
        if not matching:
            parser.error(f"the distribution has no target {pattern!r} that can be started")
        found |= dict.fromkeys(matching)
    return list(found)


def _run_all(bench: Bench, names: list[str], expected: dict[str, int], options: argparse.Namespace) -> int:
    verdicts: list[Verdict] = []
    pairings: list[pairs.Pairing] = []
    for name in names:
        verdict, pairing = _run_one(bench, name, expected.get(name), options)
        verdicts.append(verdict)
        pairings += [pairing] if pairing else []
        if not options.json:
            print(_line(verdict, pairing), flush=True)
    print(_document(verdicts, pairings) if options.json else _closing(verdicts, pairings))
    return 0 if all(each.result == "PASS" for each in verdicts) else 1


def _run_one(
    bench: Bench, name: str, expected: int | None, options: argparse.Namespace
) -> tuple[Verdict, pairs.Pairing | None]:
    ours = programs.of_orchestr8(options.o8)
    if not options.reference:
        return run(bench, name, ours, expected), None
    theirs = programs.of_reference(options.reference)
    first = run(bench, name, theirs, None, "reference") if expected is None else None
    known = first.ok if first else expected
    pairing = pairs.measure(
        lambda: run(bench, name, ours, known),
        lambda: run(bench, name, theirs, None, "reference"),
        options.pairs,
    )
    return pairing.verdict, pairing


def _line(verdict: Verdict, pairing: pairs.Pairing | None) -> str:
    times = f"{verdict.seconds:6.1f}s"
    if pairing:
        times = f"{pairing.seconds:6.1f}s of {pairing.reference_seconds:6.1f}s = {pairing.ratio:4.2f}"
        if pairing.reference.result != "PASS":
            times += " (the reference fails)"
    head = f"{verdict.result:7} {verdict.target:32} {times} ok={verdict.ok:<4}"
    return f"{head} {verdict.share:4.2f} {verdict.reason}".rstrip()


def _closing(verdicts: list[Verdict], pairings: list[pairs.Pairing]) -> str:
    passed = sum(each.result == "PASS" for each in verdicts)
    text = f"{passed} of {len(verdicts)} passed, {sum(each.share for each in verdicts):.2f} with shares"
    ours, theirs = pairs.total(pairings)
    if theirs:
        text += f"; {ours:.1f}s of the reference's {theirs:.1f}s = {ours / theirs:.3f}"
    return text


def _document(verdicts: list[Verdict], pairings: list[pairs.Pairing]) -> str:
    rows: list[dict[str, Any]] = [dataclasses.asdict(each) for each in verdicts]
    for row, pairing in zip(rows, pairings, strict=False):
        row |= {
            "seconds": pairing.seconds,
            "reference_seconds": pairing.reference_seconds,
            "reference_result": pairing.reference.result,
            "pairs": pairing.pairs,
        }
    return json.dumps({"passed": sum(each.result == "PASS" for each in verdicts), "targets": rows}, indent=2)


if __name__ == "__main__":
    sys.exit(main())
