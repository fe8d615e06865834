"""o8 abort: call a rollout off."""

from __future__ import annotations

import sys
from typing import Any

import click

from orchestr8.cli.service_options import asking, changing

EPILOG = """\b
Examples:
  o8 abort web -i inventories/prod                      back to the last good revision
  o8 abort web -i inventories/prod --reason "5xx alarm" -y

\b
The revision is recorded as bad with the reason. A first rollout is taken away.
Exit codes: 0 it is back · 1 nothing is under way, or declined · 4 unreachable · 21 going back failed
            30 somebody is carrying it out: interrupt it there first
"""


@click.command("abort", epilog=EPILOG)
@click.argument("service")
@click.option("--reason", default="", metavar="TEXT", help="Why, for the history.")
@changing
def command(*, service: str, reason: str, check: bool, yes: bool, project: str | None, **options: Any) -> int:
    """Call the rollout of SERVICE off: back to the last good revision."""
    from orchestr8.app.intents import abort
    from orchestr8.app.request import FleetRequest
    from orchestr8.app.undertaking import Wish
    from orchestr8.cli.options import colours

    wish = Wish(f"abort {service}", project, check)
    request = FleetRequest(**options)
    return abort(request, wish, service, reason, asking(yes), coloured=colours(sys.stdout))
