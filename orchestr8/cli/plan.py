"""o8 plan: show what a run would change."""

from __future__ import annotations

from typing import Any

import click

from orchestr8.cli.options import connection_options, inventory_options, output_options

EPILOG = """\b
Examples:
  o8 plan site.yml -i inventories/prod                     what would change, on hosts and to services
  o8 plan site.yml -i inventories/prod -e version=v2 -o p  save it; `o8 apply p` does exactly that
  o8 plan site.yml -i prod --detailed-exitcode             for scripts: 0 nothing, 2 changes, 1 error

\b
Nothing is changed. ~ would change · ? cannot be foretold (commands) · services: placements with reasons,
digests, steps, unavoidable downtime, the most containers at a time.
A saved plan is good for an hour. Values of -e are in the file; keep secrets in a vault.
Exit codes: as those of `o8 run`, 32 when a rollout cannot be carried out
"""


@click.command("plan", epilog=EPILOG)
@click.argument("playbooks", nargs=-1, required=True, metavar="PLAYBOOK...")
@inventory_options
@connection_options
@click.option("-t", "--tags", multiple=True, metavar="TAGS", help="Only tasks with these tags.")
@click.option("--skip-tags", multiple=True, metavar="TAGS", help="Not the tasks with these tags.")
@click.option("--force-handlers", is_flag=True, help="Run handlers even if a task fails.")
@click.option("-o", "--out", metavar="FILE", help="Save the plan for `o8 apply`.")
@click.option(
    "--detailed-exitcode", "detailed", is_flag=True, help="0: nothing to do, 2: changes or unknown, 1: error."
)
@output_options
def command(playbooks: tuple[str, ...], *, out: str | None, detailed: bool, **options: Any) -> int:
    """Show what a run of PLAYBOOKs would change, and why."""
    from orchestr8.app.plan import Show, plan
    from orchestr8.app.request import RunRequest

    return plan(RunRequest(playbooks=playbooks, **options), Show(out, detailed))
