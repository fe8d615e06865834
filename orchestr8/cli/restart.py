"""o8 restart: replace a service's containers by new ones of the same kind."""

from __future__ import annotations

import sys
from typing import Any

import click

from orchestr8.cli.service_options import asking, changing

EPILOG = """\b
Examples:
  o8 restart web -i inventories/prod          as gently as an update: new ones first, watched for health
  o8 restart web -i inventories/prod --check  show what would happen

\b
Exit codes: 0 done · 1 no such service, or declined · 4 unreachable · 20 rolled back
            30 somebody else is changing it · 32 no place for the replicas
"""


@click.command("restart", epilog=EPILOG)
@click.argument("service")
@changing
def command(*, service: str, check: bool, yes: bool, project: str | None, **options: Any) -> int:
    """Replace the containers of SERVICE by new ones, as its update policy says."""
    from orchestr8.app.request import FleetRequest
    from orchestr8.app.restart import restart
    from orchestr8.app.undertaking import Wish
    from orchestr8.cli.options import colours

    wish = Wish(f"restart {service}", project, check)
    return restart(FleetRequest(**options), wish, service, asking(yes), coloured=colours(sys.stdout))
