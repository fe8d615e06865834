"""o8 diff: show what differs between two revisions of a service."""

from __future__ import annotations

from typing import Any

import click

from orchestr8.cli.service_options import seeing

EPILOG = """\b
Examples:
  o8 diff web -i inventories/prod         between the two newest revisions
  o8 diff web 40 -i inventories/prod      from revision 40 to the one that is meant to run
  o8 diff web 40 42 -i inventories/prod --json

\b
Secrets are shown as changed, never as what they are.
"""


@click.command("diff", epilog=EPILOG)
@click.argument("service")
@click.argument("old", type=click.IntRange(1), required=False, metavar="[A]")
@click.argument("new", type=click.IntRange(1), required=False, metavar="[B]")
@seeing
def command(service: str, old: int | None, new: int | None, project: str | None, **options: Any) -> None:
    """Show what differs between revisions A and B of SERVICE."""
    from orchestr8.app.difference import show_difference
    from orchestr8.app.request import FleetRequest

    click.echo(show_difference(FleetRequest(**options), service, old, new, project))
