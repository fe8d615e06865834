"""o8 drain: move every replica away from hosts."""

from __future__ import annotations

import sys
from typing import Any

import click

from orchestr8.cli.service_options import asking, changing

EPILOG = """\b
Examples:
  o8 drain web3 -i inventories/prod --check   what would go where
  o8 drain web3 web4 -i inventories/prod      move it: the new replica starts before the old one stops
  o8 uncordon web3 -i inventories/prod        when the host is back from maintenance

\b
The hosts are cordoned too. All services of all projects leave together, each within its own budget of
replicas that may be missing; a replica that cannot move (a volume of its own) refuses the whole.
Exit codes: 0 empty · 1 no such host, or declined · 4 unreachable · 30 somebody else is changing services
            32 no place for the replicas elsewhere
"""


@click.command("drain", epilog=EPILOG)
@click.argument("hosts", nargs=-1, required=True, metavar="HOST...")
@changing
def command(*, hosts: tuple[str, ...], check: bool, yes: bool, project: str | None, **options: Any) -> int:
    """Move every replica away from HOSTs and keep new ones away."""
    from orchestr8.app.cordon import drain
    from orchestr8.app.request import FleetRequest
    from orchestr8.app.undertaking import Wish
    from orchestr8.cli.options import colours

    wish = Wish(f"drain {', '.join(hosts)}", project, check)
    return drain(FleetRequest(**options), wish, hosts, asking(yes), coloured=colours(sys.stdout))
