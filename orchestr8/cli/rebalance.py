"""o8 rebalance: move replicas to where the placement rules would put them today."""

from __future__ import annotations

import sys
from typing import Any

import click

from orchestr8.cli.service_options import asking, changing

EPILOG = """\b
Examples:
  o8 rebalance -i inventories/prod --check    what would move, and why
  o8 rebalance web -i inventories/prod        after hosts came (back): only the replicas that gain move

\b
A replica that moves starts at its new host before the old one stops.
Exit codes: 0 done · 1 no such service, or declined · 4 unreachable · 20 rolled back
            30 somebody else is changing services
"""


@click.command("rebalance", epilog=EPILOG)
@click.argument("services", nargs=-1, metavar="[SERVICE]...")
@changing
def command(*, services: tuple[str, ...], check: bool, yes: bool, project: str | None, **options: Any) -> int:
    """Spread the replicas of SERVICEs, or of all, as their placement rules ask for."""
    from orchestr8.app.rebalance import rebalance
    from orchestr8.app.request import FleetRequest
    from orchestr8.app.undertaking import Wish
    from orchestr8.cli.options import colours

    wish = Wish(f"rebalance {', '.join(services) or 'all services'}", project, check)
    return rebalance(FleetRequest(**options), wish, services, asking(yes), coloured=colours(sys.stdout))
