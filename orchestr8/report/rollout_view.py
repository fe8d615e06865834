"""A rollout drawn over and over in one region of the terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from orchestr8.deploy.onlooker import Picture
from orchestr8.report.columns import columns

_WIDTH = 30
_STYLES = {"success": "green", "failure": "red", "inconclusive": "yellow"}


@contextmanager
def drawn() -> Iterator[Callable[[Picture], None]]:
    """Yield what draws a picture in the place of the one before."""
    with Live(console=Console(), auto_refresh=False, vertical_overflow="ellipsis") as live:
        yield lambda now: live.update(view(now), refresh=True)


def view(now: Picture) -> RenderableType:
    """Return a picture: what changes into what, the step, shares of requests, checks, replicas."""
    parts: list[RenderableType] = [_head(now)]
    if now.waiting:
        parts.append(Text(f" waits for {now.waiting}", style="yellow"))
    if now.traffic:
        parts.append(_traffic(now))
    parts += [Text(f" {line}", style="red") for line in now.odd]
    parts += [_gate(str(t), t.verdict) for t in now.gates]
    rows = [[f" {r.slot}", r.host, str(r.revision), r.health, r.name] for r in now.rows]
    parts += [Text(line) for line in columns((" SLOT", "HOST", "REVISION", "HEALTH", "CONTAINER"), rows)]
    parts += [Text(f" {host}: no answer: {why}", style="red") for host, why in now.silent.items()]
    parts.append(Text(f" {_foot(now)}", style="dim"))
    return Group(*parts)


def _head(now: Picture) -> Text:
    change = f"{now.before} → {now.image}" if now.stable else now.image
    numbers = f"revision {now.stable} → {now.target}" if now.stable else f"revision {now.target}"
    text = Text.assemble((now.service, "bold"), f"  {change}  {now.strategy}  {numbers}")
    if now.at:
        text.append(f"\n {now.at}", style="cyan")
    if now.outcome == "bad":
        text.append(f"\n going back: {now.reason}", style="red")
    return text


def _traffic(now: Picture) -> RenderableType:
    table = Table.grid(padding=(0, 1))
    for number, share in now.traffic.items():
        style = "cyan" if number == now.target else "green"
        bar = Text("━" * max(1, round(_WIDTH * share / 100)), style=style)
        table.add_row(" requests", f"revision {number}", bar, f"{share:g} %")
    return table


def _gate(text: str, verdict: str) -> Text:
    sign = {"success": "✓", "failure": "✗", "inconclusive": "?"}.get(verdict, "…")
    return Text(f" {sign} {text}", style=_STYLES.get(verdict, ""))


def _foot(now: Picture) -> str:
    who = f"carried out by {now.holder}" if now.holder else "nobody changes it now"
    return f"{who} · Ctrl-C looks away, nothing stops · o8 promote|pause|abort {now.service}"
