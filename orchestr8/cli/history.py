"""o8 history: show the revisions of a service."""

from __future__ import annotations

from typing import Any

import click

from orchestr8.cli.options import connection_options, inventory_options, output_options

EPILOG = """\b
Examples:
  o8 history web -i inventories/prod
  o8 history web -i inventories/prod --json

\b
The newest revision comes first; * marks the one that is meant to run.
"""


@click.command("history", epilog=EPILOG)
@click.argument("service")
@inventory_options
@connection_options
@click.option("--project", metavar="NAME", help="The project, when several have such a service.")
@output_options
def command(service: str, project: str | None, **options: Any) -> None:
    """Show the revisions of SERVICE."""
    from orchestr8.app.history import show_history
    from orchestr8.app.request import FleetRequest

    click.echo(show_history(FleetRequest(**options), service, project))
