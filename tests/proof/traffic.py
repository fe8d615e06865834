"""Proves on the fleet that users notice nothing while a service changes behind two edges.

Usage: python -m tests.proof.traffic [--bed NAME] [--requests 60000] [--backend haproxy]
200 requests a second, with kept and with new connections, some slow, some large, go through two balancers
while the service is updated, tried out, switched, taken back, badly updated, and while what drives and what
carries it is killed. Each story is told with its requests and how many failed; the exit code is 1 if any
did that may not.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.bed import Fleet
from tests.edges import standing
from tests.proof.callers import Call, Callers, shares
from tests.services_stage import Ran, Stage

EDGES = ("h1", "h2")
HOST = "web.example"
PORT = 8897
WEIGHT = 10.0
ENOUGH = 5000


@dataclass
class Story:
    """What happened: from when to when, what is remarkable, and what is wrong with it."""

    name: str
    began: float = 0.0
    ended: float = 0.0
    remarks: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    edges: Sequence[str] = EDGES

    def require(self, ran: Ran, *codes: int) -> None:
        """Note a command that did not end as it should."""
        if ran.rc not in codes:
            self.wrong.append(f"exit code {ran.rc}\n{ran.out[-3000:]}")


class Proof:
    """A service of four replicas behind two edges, and the users who call it."""

    def __init__(self, stage: Stage, backend: str, socket: str, folder: Path) -> None:
        self.stage = stage
        self.backend = backend
        self.socket = socket
        self.folder = folder
        self.stories: list[Story] = []
        self.rounds = 0
        self.callers = Callers([self.address(edge) for edge in EDGES], HOST, folder / "calls.jsonl")

    def address(self, edge: str) -> str:
        """Return where users reach an edge."""
        return f"{self.stage.fleet.host(edge).address}:{PORT}"

    def write(self, version: str, strategy: str = "rolling", **update: Any) -> None:
        """Write the playbook; it always asks for something new."""
        self.rounds += 1
        ingress = {"via": self.backend, "on": ",".join(EDGES), "host": HOST, "port": 8080, "listen": PORT}
        if self.socket:
            ingress["socket"] = self.socket
        else:
            ingress["image"] = self.stage.fleet.edge_image(self.backend)
        update = {"strategy": strategy, "min_healthy_time": "1s", **update}
        self.stage.web(
            version,
            replicas=4,
            ingress=ingress,
            stop_grace_period="10s",
            update=update,
            environment={"ROUND": str(self.rounds)},
        )

    def deploy(self, version: str, strategy: str = "rolling", **update: Any) -> Ran:
        """Write the playbook and run it."""
        self.write(version, strategy, **update)
        return self.stage.run()

    def start(self, version: str, strategy: str = "rolling", **update: Any) -> subprocess.Popen[str]:
        """Write the playbook and begin to run it."""
        self.write(version, strategy, **update)
        site, inventory = str(self.stage.folder / "site.yml"), str(self.stage.inventory())
        return self.stage.start("run", site, "-i", inventory)

    def begin(self, version: str) -> subprocess.Popen[str]:
        """Write the playbook, and run it until the first new replica gets requests."""
        process = self.start(version)
        self.stage.wait_for(process, "attach")
        return process

    @contextmanager
    def story(self, name: str, edges: Sequence[str] = EDGES) -> Iterator[Story]:
        """Tell of what happens in the block; users of other than these edges may notice it."""
        made = Story(name, began=time.time(), edges=edges)
        self.stories.append(made)
        print(f"… {name}", flush=True)
        yield made
        time.sleep(3)
        made.ended = time.time()
        failed = self.failed(made)
        made.wrong += [f"{len(failed)} requests failed: {failed[0]}"] if failed else []
        print(line(made, self.callers.calls(made.began, made.ended), len(failed)), flush=True)

    def failed(self, story: Story) -> list[Call]:
        """Return the requests that failed though they had no reason to."""
        edges = {self.address(edge) for edge in story.edges}
        return [c for c in self.callers.calls(story.began, story.ended) if c.failed and c.edge in edges]


def line(story: Story, calls: Sequence[Call], failed: int) -> str:
    """Return a story as a row of a table."""
    word = "ok" if not story.wrong else "WRONG"
    told = "; ".join([*story.remarks, *story.wrong])
    seconds = story.ended - story.began
    return f"| {story.name} | {seconds:.0f} s | {len(calls)} | {failed} | {word} | {told} |"


def rolling(proof: Proof) -> None:
    """One after the other."""
    with proof.story("rolling v1 → v2") as story:
        story.require(proof.deploy("v2"), 0)


def canary(proof: Proof) -> None:
    """One replica with a share of the requests, then all."""
    proof.deploy("v2")
    with proof.story(f"canary {WEIGHT:g} % → v1, promoted") as story:
        steps = [{"scale": 1}, {"weight": int(WEIGHT)}, {"pause": "approval"}, {"scale": "100%"}]
        story.require(proof.deploy("v1", "canary", steps=steps), 22)
        since = time.time()
        proof.callers.wait(2 * ENOUGH + 400, since, patience=240)
        for edge, found in shares(proof.callers.calls(since)).items():
            share = found.get("v1", 0.0)
            story.remarks.append(f"{edge}: {share:.2f} %")
            if abs(share - WEIGHT) > 2:
                story.wrong.append(f"{edge} gave the canary {share:.2f} %, not {WEIGHT:g} %")
        story.require(proof.stage.verb("promote", "web"), 0)


def blue_green(proof: Proof) -> None:
    """All new beside all old, then the switch, and back while the old ones still run."""
    proof.deploy("v1")
    with proof.story("blue-green v1 → v2") as story:
        process = proof.start("v2", "blue_green", retain={"running": "5m"})
        proof.callers.wait_for_version("v2")
        for edge in EDGES:
            _switched(proof, story, proof.address(edge), "v2")
    with proof.story("switch back") as story:
        begun = time.time()
        proof.stage.interrupt(process)
        process.communicate(timeout=60)
        story.require(proof.stage.verb("rollback", "web"), 0)
        asked = [c.at - c.ms / 1000 for c in proof.callers.calls(begun) if c.version == "v2"]
        last = max(asked, default=begun)
        story.remarks.append(f"the last answer of v2 was asked for after {last - begun:.1f} s")
        if last - begun >= 5:
            story.wrong.append("that is too long")


def _switched(proof: Proof, story: Story, edge: str, version: str) -> None:
    """Note requests that began after the new version had answered, and still got the old one."""
    calls = [c for c in proof.callers.calls(story.began) if c.edge == edge]
    first = min((c.at for c in calls if c.version == version), default=0.0)
    late = [c for c in calls if c.version not in ("", version) and c.at - c.ms / 1000 > first]
    if late:
        story.wrong.append(f"{edge}: {len(late)} answers of the old version after the switch")


def rollback(proof: Proof) -> None:
    """Back to what was good before."""
    proof.deploy("v2")
    with proof.story("rollback v2 → v1") as story:
        story.require(proof.stage.verb("rollback", "web"), 0)


def bad_image(proof: Proof) -> None:
    """A version that never gets healthy, and one that crashes."""
    with proof.story("a bad image") as story:
        story.require(proof.deploy("bad", healthy_deadline="15s"), 20)
    with proof.story("a crashing image") as story:
        story.require(proof.deploy("crash"), 20)


def controller_killed(proof: Proof) -> None:
    """Kill -9 of the controller in the middle; the next run goes on."""
    with proof.story("kill -9 of the controller") as story:
        process = proof.begin("v2")
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        story.require(proof.stage.run(), 0)


def balancer_killed(proof: Proof) -> None:
    """Kill -9 of the balancer of one edge while the service changes."""
    with proof.story(f"kill -9 of the balancer on {EDGES[1]}", edges=EDGES[:1]) as story:
        process = proof.begin("v1")
        proof.stage.fleet.exec(EDGES[1], ["pkill", "-KILL", "-f", proof.backend])
        process.communicate(timeout=180)
        story.remarks.append(f"that run ended with {process.returncode}")
        story.require(proof.stage.run(), 0)
    _both_again(proof)


def edge_lost(proof: Proof) -> None:
    """The power of one edge's host goes while the service changes; it comes back."""
    with proof.story(f"{EDGES[1]} loses its power", edges=EDGES[:1]) as story:
        process = proof.begin("v2")
        proof.stage.fleet.host(EDGES[1]).power_off()
        process.communicate(timeout=300)
        story.remarks.append(f"that run ended with {process.returncode}")
        proof.stage.fleet.host(EDGES[1]).power_on()
        proof.stage.fleet.up()
        story.require(proof.stage.run(), 0)
    _both_again(proof)


def _both_again(proof: Proof) -> None:
    """Demand that users of both edges get answers again."""
    with proof.story("both edges answer again") as story:
        proof.callers.wait(400, time.time())
        answering = {c.edge for c in proof.callers.calls(story.began) if not c.failed}
        if len(answering) < len(EDGES):
            story.wrong.append(f"only {answering} answer")


Tell = Callable[[Proof], None]
STORIES: tuple[Tell, ...] = (
    rolling,
    canary,
    blue_green,
    rollback,
    bad_image,
    controller_killed,
)
KILLINGS: tuple[Tell, ...] = (balancer_killed, edge_lost)


def prove(proof: Proof, stories: Sequence[Tell], requests: int) -> bool:
    """Tell stories until there were enough requests; return whether all is well."""
    first = proof.deploy("v1")
    if first.rc:
        sys.exit(first.out)
    with proof.callers:
        while True:
            for tell in stories:
                tell(proof)
            if len(proof.callers.calls()) >= requests:
                break
        counted = proof.callers.calls()
        failed = sum(len(proof.failed(s)) for s in proof.stories)
        print(f"{len(counted)} requests while services changed, {failed} failed", flush=True)
        for tell in KILLINGS if stories is STORIES else ():
            tell(proof)
    return not any(story.wrong for story in proof.stories)


@contextmanager
def balancers(fleet: Fleet, adopted: bool) -> Iterator[str]:
    """Have balancers stand on the edges, and yield their socket; none where they are run as containers."""
    if not adopted:
        yield ""
        return
    with standing(fleet, EDGES, "/run/o8-proof") as socket:
        yield socket


def main() -> None:
    """Bring up the fleet, prove, clean up."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--bed", default="proof")
    parser.add_argument("--requests", type=int, default=60000)
    parser.add_argument("--backend", default="haproxy")
    parser.add_argument("--adopted", action="store_true", help="HAProxys that stand there already")
    parser.add_argument("--only", nargs="*", default=[], help="stories to tell, by the names of functions")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="o8-proof-") as folder:
        fleet = Fleet.named(options.bed)
        fleet.up()
        stage = Stage(fleet, "proof", Path(folder))
        chosen = [tell for tell in STORIES + KILLINGS if tell.__name__ in options.only] or STORIES
        with balancers(fleet, options.adopted) as socket:
            try:
                fine = prove(Proof(stage, options.backend, socket, Path(folder)), chosen, options.requests)
            finally:
                stage.clean()
    sys.exit(0 if fine else 1)


if __name__ == "__main__":
    main()
