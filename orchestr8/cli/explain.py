"""o8 explain: say why each replica of a service is where it is."""

from __future__ import annotations

from typing import Any

import click

from orchestr8.cli.service_options import seeing

EPILOG = """\b
Examples:
  o8 explain web -i inventories/prod          each replica's host with its score, and each other host
  o8 explain web -i inventories/prod --json

\b
refused: a rule forbids the host · worse, equal: its score is not higher · better: it scores higher
today, but replicas stay where they are.
"""


@click.command("explain", epilog=EPILOG)
@click.argument("service")
@seeing
def command(service: str, project: str | None, **options: Any) -> None:
    """Say why each replica of SERVICE is where it is, and on no other host."""
    from orchestr8.app.explain import show_explanation
    from orchestr8.app.request import FleetRequest

    click.echo(show_explanation(FleetRequest(**options), service, project))
