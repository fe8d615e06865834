"""o8 prune: remove what no service needs any more."""

from __future__ import annotations

from typing import Any

import click

from orchestr8.cli.service_options import changing, insisting

EPILOG = """\b
Examples:
  o8 prune -i inventories/prod --check    what is left over: nothing is removed
  o8 prune -i inventories/prod            remove it, after a question (--yes where there is no terminal)
  o8 prune old -i inventories/prod        remove the service `old`: containers, images kept for it, records
  o8 prune --playbook site.yml -i prod    remove the services that site.yml does not have any more

\b
Left over are stopped containers that no record tells of, images kept for forgotten revisions, and records
beyond `revisions`. A service is only removed by name or by what a playbook lacks; volumes never are.
Exit codes: 0 done · 1 no such service, or declined · 4 a host is unreachable: nothing was removed
            30 somebody else is changing services
"""


@click.command("prune", epilog=EPILOG)
@click.argument("services", nargs=-1, metavar="[SERVICE...]")
@click.option(
    "--playbook", "playbooks", multiple=True, metavar="FILE", help="Services that no FILE has go; repeatable."
)
@changing
def command(
    *,
    services: tuple[str, ...],
    playbooks: tuple[str, ...],
    check: bool,
    yes: bool,
    project: str | None,
    **options: Any,
) -> int:
    """Remove what no service needs any more, and SERVICEs with all that is theirs."""
    from orchestr8.app.prune import Going, prune
    from orchestr8.app.request import FleetRequest
    from orchestr8.app.undertaking import Wish

    return prune(
        FleetRequest(**options),
        Wish("prune", project, check),
        Going(services, playbooks),
        insisting(yes),
        click.echo,
    )
