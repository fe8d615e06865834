"""o8 promote: let a rollout that waits for approval go on."""

from __future__ import annotations

import sys
from typing import Any

import click

from orchestr8.cli.service_options import asking, changing

EPILOG = """\b
Examples:
  o8 promote web -i inventories/prod            to the next pause, or to the end
  o8 promote web -i inventories/prod --full -y  all the way, without a question

\b
What a rollout waits for is in the records on the hosts, so any machine with the inventory will do.
Exit codes: 0 promoted · 1 nothing waits, or declined · 4 unreachable · 20 rolled back · 22 it waits again
            30 somebody else is changing it
"""


@click.command("promote", epilog=EPILOG)
@click.argument("service")
@click.option("--full", is_flag=True, help="Pass over all pauses that are left.")
@changing
def command(*, service: str, full: bool, check: bool, yes: bool, project: str | None, **options: Any) -> int:
    """Let the rollout of SERVICE that waits for approval go on."""
    from orchestr8.app.intents import promote
    from orchestr8.app.request import FleetRequest
    from orchestr8.app.undertaking import Wish
    from orchestr8.cli.options import colours

    wish = Wish(f"promote {service}", project, check)
    request = FleetRequest(**options)
    return promote(request, wish, service, asking(yes), full=full, coloured=colours(sys.stdout))
