"""o8 lock: the locks of services."""

from __future__ import annotations

from typing import Any

import click

from orchestr8.cli.family import Family
from orchestr8.cli.options import connection_options, inventory_options, output_options

EPILOG = """\b
Examples:
  o8 lock list -i inventories/prod                 who changes services now
  o8 lock release 01JD3K… -i inventories/prod      end the lock of a run that is gone
  o8 lock acquire --for 2h --reason "new disks" --project shop -i inventories/prod

\b
Locks are kept on the hosts. Every verb that changes services takes one for as long as it works and
renews it meanwhile; without a sign of life it ends after a minute by the hosts' own clocks. Whoever lost a
lock cannot change anything on the hosts any more. `--lock-wait 5m` waits for a lock that somebody holds.
Exit codes: 0 done · 1 there is no such lock · 30 somebody else holds it
"""


@click.group("lock", cls=Family, epilog=EPILOG)
def command() -> None:
    """Show, take and release the locks of services."""


@command.command("list")
@inventory_options
@connection_options
@output_options
def list_locks(**options: Any) -> None:
    """Show who holds which lock, since when, and when it ends without a sign of life."""
    from orchestr8.app.locks import show_locks
    from orchestr8.app.request import FleetRequest

    click.echo(show_locks(FleetRequest(**options)))


@command.command("release")
@click.argument("run")
@inventory_options
@connection_options
@output_options
def release(run: str, **options: Any) -> None:
    """End the lock of RUN; what that run still sends to the hosts is refused."""
    from orchestr8.app.locks import release_lock
    from orchestr8.app.request import FleetRequest

    click.echo(release_lock(FleetRequest(**options), run))


@command.command("acquire")
@click.option("--for", "lasting", default="1h", metavar="DURATION", help="For how long (1h).")
@click.option("--reason", default="", metavar="TEXT", help="What others read who find it locked.")
@click.option("--project", metavar="NAME", help="The project, when hosts have several.")
@inventory_options
@connection_options
@output_options
def acquire(lasting: str, reason: str, project: str | None, **options: Any) -> None:
    """Keep everybody from changing a project's services for a while."""
    from orchestr8.app.locks import acquire_lock
    from orchestr8.app.request import FleetRequest

    click.echo(acquire_lock(FleetRequest(**options), project, lasting, reason))
