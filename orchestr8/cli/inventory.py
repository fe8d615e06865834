"""o8 inventory: show hosts, groups and variables."""

from __future__ import annotations

from typing import Any

import click

from orchestr8.cli.options import inventory_options

EPILOG = """\b
Examples:
  o8 inventory -i inventories/prod                 hosts and variables as JSON
  o8 inventory -i inventories/prod --graph web     a group as a tree; --vars adds variables
  o8 inventory -i inventories/prod --host web1     one host's variables
  o8 inventory -i inventories/prod --hosts 'web:!web3'
  o8 inventory -i hosts.ini --yaml --export --output hosts.yml     an INI inventory as YAML
"""


@click.command("inventory", epilog=EPILOG)
@click.argument("group", required=False, metavar="[GROUP]")
@inventory_options
@click.option("--list", "as_list", is_flag=True, help="Show everything (the default).")
@click.option("--host", metavar="NAME", help="Show one host's variables.")
@click.option("--graph", is_flag=True, help="Show groups as a tree, from GROUP down.")
@click.option("--hosts", metavar="PATTERN", help="List the hosts of a pattern.")
@click.option("--vars", "variables", is_flag=True, help="With --graph: show variables.")
@click.option("-y", "--yaml", "form", flag_value="yaml", help="YAML instead of JSON.")
@click.option("--toml", "form", flag_value="toml", help="TOML instead of JSON.")
@click.option("--json", "form", flag_value="json", default="json", help="JSON (the default).")
@click.option("--export", is_flag=True, help="Show variables where they are defined, not with every host.")
@click.option("--output", metavar="FILE", help="Write to a file.")
@click.option("--playbook-dir", metavar="DIR", help="With the variables beside playbooks of this folder.")
@click.option("--flush-cache", is_flag=True, hidden=True)
@click.option("-v", "--verbose", count=True, hidden=True)
@click.option("--compat", "lenient", is_flag=True, hidden=True)
def command(
    *, as_list: bool, graph: bool, host: str | None, hosts: str | None, output: str | None, **options: Any
) -> None:
    """Show hosts, groups and variables."""
    from orchestr8.app.inventory import View, save, show_graph, show_host, show_hosts, show_list
    from orchestr8.app.request import FleetRequest

    asked = {"--list": as_list, "--host": host is not None, "--graph": graph, "--hosts": hosts is not None}
    _refuse(asked, any_is_needed=options["lenient"])
    shape = {name: options.pop(name) for name in ("form", "export", "variables", "playbook_dir")}
    view = View(group=options.pop("group") or "all", **shape)
    del options["flush_cache"]
    request = FleetRequest(**options)
    if host is not None:
        text = show_host(request, view, host)
    elif hosts is not None:
        text = show_hosts(request, hosts)
    else:
        text = show_graph(request, view) if graph else show_list(request, view)
    if output is not None:
        save(text, output)
    else:
        click.echo(text, nl=False)


def _refuse(asked: dict[str, bool], *, any_is_needed: bool) -> None:
    chosen = [name for name, wanted in asked.items() if wanted]
    if len(chosen) > 1:
        raise click.UsageError(
            f"Conflicting options used, only one of {', '.join(chosen)} can be used at the same time."
        )
    if any_is_needed and not chosen:
        needed = "at least one of --host, --graph or --list needs to be specified."
        raise click.UsageError(f"No action selected, {needed}")
