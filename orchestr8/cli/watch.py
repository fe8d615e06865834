"""o8 rollout watch: look on while a rollout goes on."""

from __future__ import annotations

import sys
from typing import Any

import click

from orchestr8.cli.options import colours
from orchestr8.cli.service_options import seeing

EPILOG = """\b
Examples:
  o8 rollout watch web -i inventories/prod           a live view; without a terminal a line per change
  o8 rollout watch web -i inventories/prod --json    a line of JSON per change, and one at the end
  o8 rollout watch web -i inventories/prod --interval 5

\b
Shows steps, shares of requests, checks with their samples, replicas, and who or what is waited for.
Everything is read from the hosts: any machine that has the inventory can look on, whoever carries it out.
Exit codes are the rollout's: 0 good · 2 failed · 20 rolled back · 21 not everything is as before · 22 paused
"""


@click.command("watch", epilog=EPILOG)
@click.argument("service")
@click.option(
    "--interval", type=click.FloatRange(0.2, 3600), default=1.0, show_default=True, metavar="SECONDS",
    help="How long to wait between two looks.",
)  # fmt: skip
@seeing
def command(service: str, project: str | None, interval: float, **options: Any) -> int:
    """Look on while a rollout goes on, and end as it ends."""
    from orchestr8.app.request import FleetRequest
    from orchestr8.app.watch import Onlooking, watch

    request = FleetRequest(**options)
    live = colours(sys.stdout) and not request.as_json
    return watch(request, Onlooking(service, project, interval), click.echo, live=live)
