"""o8 uncordon: let replicas start on hosts again."""

from __future__ import annotations

from typing import Any

import click

from orchestr8.cli.options import connection_options, inventory_options, output_options

EPILOG = """\b
Examples:
  o8 uncordon web3 -i inventories/prod

\b
Nothing moves back by itself: replicas stay where they are.
"""


@click.command("uncordon", epilog=EPILOG)
@click.argument("hosts", nargs=-1, required=True, metavar="HOST...")
@inventory_options
@connection_options
@output_options
def command(hosts: tuple[str, ...], **options: Any) -> None:
    """Let replicas start on HOSTs again."""
    from orchestr8.app.cordon import uncordon
    from orchestr8.app.request import FleetRequest

    click.echo(uncordon(FleetRequest(**options), hosts))
