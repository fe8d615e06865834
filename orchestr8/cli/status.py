"""o8 status: show which services run where."""

from __future__ import annotations

from typing import Any

import click

from orchestr8.cli.options import connection_options, inventory_options, output_options

EPILOG = """\b
Examples:
  o8 status -i inventories/prod            all services on these hosts
  o8 status web -i inventories/prod        one service
  o8 status -i inventories/prod --json

\b
Everything is read from the hosts themselves; no playbook is needed.
Exit codes: 0 shown · 1 no such service · 4 a host did not answer
"""


@click.command("status", epilog=EPILOG)
@click.argument("service", required=False)
@inventory_options
@connection_options
@click.option("--project", metavar="NAME", help="The project, when hosts have several.")
@output_options
def command(service: str | None, project: str | None, **options: Any) -> int:
    """Show which services run where, as the hosts tell."""
    from orchestr8.app.request import FleetRequest
    from orchestr8.app.status import show_status

    text, code = show_status(FleetRequest(**options), service, project)
    click.echo(text)
    return code
