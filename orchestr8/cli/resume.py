"""o8 resume: go on with a rollout that was paused or interrupted."""

from __future__ import annotations

import sys
from typing import Any

import click

from orchestr8.cli.service_options import asking, changing

EPILOG = """\b
Examples:
  o8 resume web -i inventories/prod          from any machine, without the playbook
  o8 resume web -i inventories/prod --check  show what is left to do

\b
Exit codes: 0 done · 1 nothing is under way, or declined · 4 unreachable · 20 rolled back
            22 it waits for approval · 30 somebody else is carrying it out
"""


@click.command("resume", epilog=EPILOG)
@click.argument("service")
@changing
def command(*, service: str, check: bool, yes: bool, project: str | None, **options: Any) -> int:
    """Go on with the rollout of SERVICE that was paused or interrupted."""
    from orchestr8.app.intents import resume
    from orchestr8.app.request import FleetRequest
    from orchestr8.app.undertaking import Wish
    from orchestr8.cli.options import colours

    wish = Wish(f"resume {service}", project, check)
    request = FleetRequest(**options)
    return resume(request, wish, service, asking(yes), coloured=colours(sys.stdout))
