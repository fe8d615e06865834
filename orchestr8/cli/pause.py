"""o8 pause: have a rollout stay as it is until resumed."""

from __future__ import annotations

import sys
from typing import Any

import click

from orchestr8.cli.service_options import asking, changing

EPILOG = """\b
Examples:
  o8 pause web -i inventories/prod     nothing goes on, whoever runs the playbook, until `o8 resume web`

\b
For a rollout that nobody carries out right now: one that was interrupted, failed or waits. While a
controller is at it the exit code is 30 and names it; interrupt it there (Ctrl-C) first.
Exit codes: 0 paused · 1 nothing is under way, or declined · 4 unreachable · 30 somebody is carrying it out
"""


@click.command("pause", epilog=EPILOG)
@click.argument("service")
@changing
def command(*, service: str, check: bool, yes: bool, project: str | None, **options: Any) -> int:
    """Have the rollout of SERVICE stay as it is until resumed."""
    from orchestr8.app.intents import pause
    from orchestr8.app.request import FleetRequest
    from orchestr8.app.undertaking import Wish
    from orchestr8.cli.options import colours

    wish = Wish(f"pause {service}", project, check)
    request = FleetRequest(**options)
    return pause(request, wish, service, asking(yes), coloured=colours(sys.stdout))
