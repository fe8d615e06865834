"""o8 scale: change how many replicas of a service run."""

from __future__ import annotations

import sys
from typing import Any

import click

from orchestr8.cli.service_options import asking, changing

EPILOG = """\b
Examples:
  o8 scale web 5 -i inventories/prod          five replicas from now on
  o8 scale web 5 -i inventories/prod --check  show where they would run

\b
Makes a new revision of what is deployed; no playbook is needed. The next `o8 run` brings the number of
its playbook back, so write it there too.
Exit codes: 0 done, or nothing to do · 1 no such service, or declined · 4 unreachable
            20 rolled back · 30 somebody else is changing it · 32 no place for the replicas
"""


@click.command("scale", epilog=EPILOG)
@click.argument("service")
@click.argument("replicas", type=click.IntRange(0), metavar="N")
@changing
def command(
    *, service: str, replicas: int, check: bool, yes: bool, project: str | None, **options: Any
) -> int:
    """Bring SERVICE to N replicas."""
    from orchestr8.app.request import FleetRequest
    from orchestr8.app.scale import scale
    from orchestr8.app.undertaking import Wish
    from orchestr8.cli.options import colours

    wish = Wish(f"scale {service}", project, check)
    return scale(FleetRequest(**options), wish, service, replicas, asking(yes), coloured=colours(sys.stdout))
