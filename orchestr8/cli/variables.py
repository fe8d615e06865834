"""o8 vars: a host's variables and where each was set."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from orchestr8.cli.options import inventory_options

if TYPE_CHECKING:
    from orchestr8.app.variables import HostVariables

EPILOG = """\b
Examples:
  o8 vars web1 -i inventories/prod                          every variable, and where it was set
  o8 vars web1 -i inventories/prod --explain http_port      every definition; the first one counts
  o8 vars web1 -i prod --playbook site.yml --explain http_port   what plays and roles set, too
  o8 vars web1 -i prod --playbook-dir . --explain http_port --json
"""


@click.command("vars", epilog=EPILOG)
@click.argument("host", metavar="HOST")
@inventory_options
@click.option("--explain", "name", metavar="NAME", help="Show every definition of one variable.")
@click.option(
    "--playbook", "playbooks", multiple=True, metavar="FILE", help="With what its plays and roles set."
)
@click.option("--playbook-dir", multiple=True, metavar="DIR", help="With the variables beside its playbooks.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(
    host: str,
    *,
    name: str | None,
    playbooks: tuple[str, ...],
    playbook_dir: tuple[str, ...],
    as_json: bool,
    **options: Any,
) -> None:
    """Show what is set for HOST before a run, the strongest definition of each name first."""
    from orchestr8.app.request import FleetRequest, RunRequest
    from orchestr8.app.variables import variables_of

    if playbooks:
        from orchestr8.app.play_variables import variables_in_plays

        every = variables_in_plays(RunRequest(playbooks=playbooks, **options), host)
        found = [each for each in every if name is None or name in each.names()] or every[:1]
    else:
        found = [variables_of(FleetRequest(**options), host, playbook_dir)]
    if as_json:
        _show_json(found, name)
        return
    for each in found:
        if each.play:
            click.echo(f"in {each.play}:")
        for line in _lines(each, name):
            click.echo(f"  {line}" if each.play else line)


def _show_json(found: Sequence[HostVariables], name: str | None) -> None:
    from orchestr8.app.variables import as_data
    from orchestr8.inventory.written import to_json

    shown = [
        as_data(each.definitions(word), each.host, word, each.play)
        for each in found
        for word in ([name] if name is not None else each.names())
    ]
    click.echo(to_json(shown[0] if name is not None and len(shown) == 1 else shown))


def _lines(found: HostVariables, name: str | None) -> Iterator[str]:
    for word in [name] if name is not None else found.names():
        first, *others = found.definitions(word)
        yield f"{word} = {_value(first.value)}    {first.place()}{_kind(first)}"
        for other in others if name is not None else ():
            yield f"  over {_value(other.value)}    {other.place()}{_kind(other)}"


def _kind(definition: Any) -> str:
    return f"  ({definition.source})" if definition.span and definition.source != definition.span.file else ""


def _value(value: Any) -> str:
    import json

    from orchestr8.core.vaulted import Vaulted
    from orchestr8.inventory.written import plain

    return "<encrypted>" if isinstance(value, Vaulted) else json.dumps(value, default=plain)
