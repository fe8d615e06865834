"""o8 inventory: show hosts, groups and variables."""

from __future__ import annotations

from typing import Any

import click

from orchestr8.cli.options import inventory_options

EPILOG = """\b
Examples:
  o8 inventory -i inventories/prod                 hosts and variables as JSON
  o8 inventory -i inventories/prod --graph         groups as a tree
  o8 inventory -i inventories/prod --host web1     one host's variables
  o8 inventory -i inventories/prod --hosts 'web:!web3'
"""


@click.command("inventory", epilog=EPILOG)
@inventory_options
@click.option("--graph", is_flag=True, help="Show groups as a tree.")
@click.option("--vars", "variables", is_flag=True, help="With --graph: show variables.")
@click.option("--host", metavar="NAME", help="Show one host's variables.")
@click.option("--hosts", metavar="PATTERN", help="List the hosts of a pattern.")
@click.option("--list", "as_list", is_flag=True, help="Show everything as JSON (the default).")
def command(
    *, graph: bool, variables: bool, host: str | None, hosts: str | None, as_list: bool, **options: Any
) -> None:
    """Show hosts, groups and variables."""
    from orchestr8.app.inventory import show_graph, show_host, show_hosts, show_list
    from orchestr8.app.request import FleetRequest

    del as_list
    request = FleetRequest(**options)
    if host is not None:
        text = show_host(request, host)
    elif hosts is not None:
        text = show_hosts(request, hosts)
    else:
        text = show_graph(request, variables=variables) if graph else show_list(request)
    click.echo(text)
