"""o8 vars: a host's variables and where each was set."""

from __future__ import annotations

from typing import Any

import click

from orchestr8.cli.options import inventory_options

EPILOG = """\b
Examples:
  o8 vars web1 -i inventories/prod                          every variable, and where it was set
  o8 vars web1 -i inventories/prod --explain http_port      every definition; the first one counts
  o8 vars web1 -i prod --playbook-dir . --explain http_port --json
"""


@click.command("vars", epilog=EPILOG)
@click.argument("host", metavar="HOST")
@inventory_options
@click.option("--explain", "name", metavar="NAME", help="Show every definition of one variable.")
@click.option("--playbook-dir", multiple=True, metavar="DIR", help="With the variables beside its playbooks.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(
    host: str, *, name: str | None, playbook_dir: tuple[str, ...], as_json: bool, **options: Any
) -> None:
    """Show what is set for HOST before a run, the strongest definition of each name first."""
    from orchestr8.app.request import FleetRequest
    from orchestr8.app.variables import as_data, variables_of
    from orchestr8.inventory.written import to_json

    found = variables_of(FleetRequest(**options), host, playbook_dir)
    names = [name] if name is not None else found.names()
    if as_json:
        shown = [as_data(found.definitions(each), found.host, each) for each in names]
        click.echo(to_json(shown[0] if name is not None else shown))
        return
    for each in names:
        first, *others = found.definitions(each)
        click.echo(f"{each} = {_value(first.value)}    {first.place()}{_kind(first)}")
        for other in others if name is not None else ():
            click.echo(f"  over {_value(other.value)}    {other.place()}{_kind(other)}")


def _kind(definition: Any) -> str:
    return f"  ({definition.source})" if definition.span and definition.source != definition.span.file else ""


def _value(value: Any) -> str:
    import json

    from orchestr8.core.vaulted import Vaulted
    from orchestr8.inventory.written import plain

    return "<encrypted>" if isinstance(value, Vaulted) else json.dumps(value, default=plain)
