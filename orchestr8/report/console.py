"""The live view on a terminal: finished tasks scroll by, one region shows what runs."""

from __future__ import annotations

import threading
from functools import singledispatchmethod

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.markup import escape
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from orchestr8.core import event as ev
from orchestr8.core.clock import Clock
from orchestr8.core.outcome import Status
from orchestr8.report.board import Board, TaskTally
from orchestr8.report.failures import Failures
from orchestr8.report.wording import differences, dump, short_digests, spoken

_SIGNS = {
    "ok": ("✓", "green"),
    "changed": ("✓", "yellow"),
    "skipped": ("–", "cyan"),
    "ignored": ("!", "magenta"),
    "rescued": ("!", "magenta"),
    "failed": ("✗", "red"),
    "unreachable": ("✗", "bold red"),
}
_SHOWN_RUNNING = 6


class ConsoleReporter:
    """Shows events on a terminal with rich."""

    def __init__(self, console: Console, clock: Clock, *, verbosity: int = 0) -> None:
        self._console = console
        self._clock = clock
        self._verbosity = verbosity
        self._lock = threading.RLock()
        self._board = Board()
        self._failures = Failures()
        self._began = clock.monotonic()
        self._drawn: RenderableType = Group()
        self._live = Live(get_renderable=self._region, console=console, refresh_per_second=8, transient=True)

    def emit(self, event: ev.Event) -> None:
        """Show one event."""
        with self._lock:
            self._failures.note(event)
            self._on(event)

    @singledispatchmethod
    def _on(self, event: ev.Event) -> None:
        """Ignore events that the live view does not show."""

    @_on.register
    def _(self, event: ev.RunStarted) -> None:
        self._began = self._clock.monotonic()
        mode = "  [yellow]check mode: nothing is changed[/]" if event.check else ""
        self._console.print(f"[bold]Run {event.run[:10]}[/]  {escape(event.playbook)}{mode}", highlight=False)
        self._live.start()

    @_on.register
    def _(self, event: ev.Asking) -> None:
        if event.opened:
            self._live.stop()
        else:
            self._live.start()

    @_on.register
    def _(self, event: ev.PlayStarted) -> None:
        self._tell(self._board.play(event))
        self._console.print(
            f"\n[bold]{escape(event.name)}[/]  [dim]{len(event.hosts)} hosts[/]", highlight=False
        )

    @_on.register
    def _(self, event: ev.TaskStarted) -> None:
        self._board.start(event, self._clock.monotonic())

    @_on.register
    def _(self, event: ev.HostFinished) -> None:
        self._show_details(event)
        if tally := self._board.finish(event):
            self._tell([tally])

    def _show_details(self, event: ev.HostFinished) -> None:
        result = event.outcome.result
        if event.no_log:
            return
        if diff := differences(event):
            self._console.print(Text(f"{event.host}\n{diff}", style="dim"))
        if result.get("_ansible_verbose_always") and event.outcome.status is Status.OK:
            self._console.print(f"  [dim]{event.host}[/]", Text(dump(spoken(result))), highlight=False)
        elif self._verbosity and event.outcome.status is not Status.SKIPPED:
            self._console.print(f"  {event.host}", Text(dump(result), style="dim"), highlight=False)

    def _tell(self, tallies: list[TaskTally]) -> None:
        for tally in tallies:
            seconds = self._clock.monotonic() - tally.began
            counts = "  ".join(self._count(word, n, tally) for word, n in tally.counts.items())
            self._console.print(
                f" {escape(tally.name):<48} {counts}  [dim]{seconds:.1f} s[/]", highlight=False
            )

    def _count(self, word: str, number: int, tally: TaskTally) -> str:
        sign, style = _SIGNS.get(word, ("?", ""))
        names = f" {', '.join(tally.hosts[word][:3])}" if word in ("failed", "unreachable") else ""
        return f"[{style}]{sign} {number} {word}{names}[/]"

    @_on.register
    def _(self, event: ev.Retrying) -> None:
        self._console.print(f"  [magenta]retry[/] {event.host}  {event.attempts_left} left", highlight=False)

    @_on.register
    def _(self, event: ev.Warned) -> None:
        place = f"  {event.diagnostic.span}" if event.diagnostic.span else ""
        self._console.print(Text(f"warning: {event.diagnostic.message}{place}", style="magenta"))

    @_on.register
    def _(self, event: ev.RolloutEvent) -> None:
        if event.kind == "planned":
            for text in event.message.splitlines():
                self._console.print(Text(f" {text}", style=_planned(text)), highlight=False)
        elif event.kind != "unchanged":
            self._rolled(event)

    def _rolled(self, event: ev.RolloutEvent) -> None:
        bad = event.kind in ("failed", "unhealthy", "rolling_back")
        parts = [
            event.host,
            f"slot {event.slot}" if event.slot is not None else "",
            short_digests(event.message),
        ]
        style = (
            "red"
            if bad
            else "green"
            if event.kind in ("promoted", "unchanged", "healthy", "completed")
            else ""
        )
        line = Text(
            f" service {event.service} › {event.kind:<12} {'  '.join(p for p in parts if p)}", style=style
        )
        self._console.print(line, highlight=False)

    @_on.register
    def _(self, event: ev.RunFinished) -> None:
        self._tell(self._board.drain())
        self._live.stop()
        self._console.print()
        self._console.print(self._recap(event))
        for line in self._failures.lines():
            self._console.print(Text(line, style="red" if line.startswith("✗") else ""))
        verdict = (
            "[green]Done[/]" if event.exit_code == 0 else f"[red]Ended with exit code {event.exit_code}[/]"
        )
        self._console.print(f"\n{verdict}  {event.seconds:.1f} s", highlight=False)
        for line in event.advice:
            self._console.print(f"  {escape(line)}", highlight=False)

    def _recap(self, event: ev.RunFinished) -> RenderableType:
        table = Table(box=None, pad_edge=False, header_style="dim")
        table.add_column("host")
        for name in ("ok", "changed", "unreachable", "failed", "skipped", "rescued", "ignored"):
            table.add_column(name, justify="right")
        for host, t in sorted(event.tallies.items()):
            style = "red" if t.failed or t.unreachable else "yellow" if t.changed else "green"
            numbers = (t.ok, t.changed, t.unreachable, t.failed, t.skipped, t.rescued, t.ignored)
            table.add_row(f"[{style}]{escape(host)}[/]", *(str(n) if n else "[dim]0[/]" for n in numbers))
        return table

    def _region(self) -> RenderableType:
        """Return what runs; as it was drawn last where an event is being shown.

        The display is locked here, and whoever shows an event waits for it: to wait for them would never end.
        """
        if self._lock.acquire(blocking=False):
            try:
                self._drawn = self._running()
            finally:
                self._lock.release()
        return self._drawn

    def _running(self) -> RenderableType:
        board = self._board
        now = self._clock.monotonic()
        rows: list[RenderableType] = [self._bar(now)]
        for tally in list(board.running.values())[:_SHOWN_RUNNING]:
            waiting = sorted(board.hosts - {h for hosts in tally.hosts.values() for h in hosts})
            names = ", ".join(waiting[:3]) + (f" +{len(waiting) - 3}" if len(waiting) > 3 else "")
            rows.append(Text(f" {tally.name}  ⠿ {names}  {now - tally.began:.0f} s", style="cyan"))
        return Group(*rows)

    def _bar(self, now: float) -> RenderableType:
        board = self._board
        line = Table.grid(padding=(0, 1))
        totals = "  ".join(f"{word} {n}" for word, n in sorted(board.totals.items()))
        line.add_row(
            f" {len(board.hosts)} hosts",
            ProgressBar(total=max(board.steps, board.done, 1), completed=board.done, width=30),
            f"{board.done}/{max(board.steps, board.done)} steps  {now - self._began:.0f} s  [dim]{totals}[/]",
        )
        return line


def _planned(line: str) -> str:
    """Return the style of a line of a plan."""
    if line.lstrip().startswith("CANNOT"):
        return "red"
    if line.endswith(": unchanged"):
        return "green"
    return "yellow" if line.lstrip()[:1] in "~≈+-" else ""
