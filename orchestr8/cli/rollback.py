"""o8 rollback: bring a service back to an earlier revision."""

from __future__ import annotations

import sys
from typing import Any

import click

from orchestr8.cli.service_options import asking, changing

EPILOG = """\b
Examples:
  o8 rollback web -i inventories/prod --check      show what would happen
  o8 rollback web -i inventories/prod              back to the good revision before
  o8 rollback web -i inventories/prod --to 41 -y   back to revision 41, without a question
  o8 rollback web -i inventories/prod --alone      not those that changed with it in one transaction

\b
Going back again goes further back; --to the newer revision undoes that.
Works from any machine that has the inventory, and without the registry where the images are kept.
Exit codes: 0 done, or nothing to do · 1 no such revision, or declined · 4 unreachable
            21 the rollback failed · 30 somebody else is changing it · 32 no place for the replicas
"""


@click.command("rollback", epilog=EPILOG)
@click.argument("service")
@click.option("--to", type=click.IntRange(1), metavar="REVISION", help="The revision (the good one before).")
@click.option("--alone", is_flag=True, help="Leave the other services of its transaction as they are.")
@changing
def command(
    *, service: str, to: int | None, alone: bool, check: bool, yes: bool, project: str | None, **options: Any
) -> int:
    """Bring SERVICE back to an earlier revision."""
    from orchestr8.app.request import FleetRequest
    from orchestr8.app.rollback import roll_back
    from orchestr8.app.undertaking import Wish
    from orchestr8.cli.options import colours

    wish = Wish(f"rollback {service}", project, check)
    request, tints = FleetRequest(**options), colours(sys.stdout)
    return roll_back(request, wish, service, to, asking(yes), alone=alone, coloured=tints)
