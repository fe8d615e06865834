"""o8 logs: show what a service's replicas write."""

from __future__ import annotations

import re
import time
from typing import Any

import click

from orchestr8.cli.failure import warn
from orchestr8.cli.service_options import seeing

EPILOG = """\b
Examples:
  o8 logs web -i inventories/prod                   the last 100 lines of each replica, by time
  o8 logs web -i inventories/prod -f                go on as they are written, over replacements too
  o8 logs web -i inventories/prod --since 10m --tail all
  o8 logs web -i inventories/prod --slot 2 --json

\b
Before each line: its host and slot. When no replica runs, the logs of stopped ones are shown.
"""
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


class Lines(click.ParamType[int]):
    """A number of lines, or `all`."""

    name = "lines"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the number, -1 for all."""
        if isinstance(value, int):
            return value
        if value != "all" and not value.isdecimal():
            self.fail(f"{value!r} is neither a number nor `all`", param, ctx)
        return -1 if value == "all" else int(value)


class Ago(click.ParamType[int]):
    """A time span such as 90s, 10m, 2h or 1d."""

    name = "span"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the Unix time so long ago."""
        found = re.fullmatch(r"([0-9]+)([smhd])", str(value))
        if found is None:
            self.fail(f"{value!r} is no time span such as 90s, 10m, 2h or 1d", param, ctx)
        return int(time.time()) - int(found[1]) * _UNITS[found[2]]


def _without_f(command: click.Command) -> click.Command:
    """Return the command with -f left to --follow, as it is wherever logs are read."""
    for option in command.params:
        if option.name == "forks":
            option.opts.remove("-f")
    return command


@_without_f
@click.command("logs", epilog=EPILOG)
@click.argument("service")
@click.option("-f", "--follow", is_flag=True, help="Go on as lines are written.")
@click.option("-n", "--tail", type=Lines(), default=100, metavar="N|all", help="Last lines of each (100).")
@click.option("--since", type=Ago(), metavar="SPAN", help="Not older than 90s, 10m, 2h, 1d.")
@click.option("--slot", type=click.IntRange(1), metavar="N", help="Only this replica.")
@click.option("--timestamps", is_flag=True, help="Show when each line was written.")
@seeing
def command(*, service: str, project: str | None, tail: int, **options: Any) -> int:
    """Show what the replicas of SERVICE write, merged."""
    from orchestr8.app.logs import Lens, show_logs
    from orchestr8.app.request import FleetRequest

    names = ("since", "follow", "slot", "timestamps")
    lens = Lens(service, project, None if tail < 0 else tail, **{name: options.pop(name) for name in names})
    return show_logs(FleetRequest(**options), lens, click.echo, warn)
