"""o8 cordon: keep new replicas away from hosts."""

from __future__ import annotations

from typing import Any

import click

from orchestr8.cli.options import connection_options, inventory_options, output_options

EPILOG = """\b
Examples:
  o8 cordon web3 -i inventories/prod

\b
The mark is kept on the host, so every controller honours it. What runs there stays; `o8 drain` moves it.
`o8 status` shows which hosts are cordoned, `o8 uncordon` takes the mark away.
"""


@click.command("cordon", epilog=EPILOG)
@click.argument("hosts", nargs=-1, required=True, metavar="HOST...")
@inventory_options
@connection_options
@output_options
def command(hosts: tuple[str, ...], **options: Any) -> None:
    """Keep new replicas away from HOSTs; what runs there stays."""
    from orchestr8.app.cordon import cordon
    from orchestr8.app.request import FleetRequest

    click.echo(cordon(FleetRequest(**options), hosts))
