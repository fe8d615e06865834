"""o8 run: run playbooks."""

from __future__ import annotations

from typing import Any

import click

from orchestr8.cli.options import (
    connection_options,
    inventory_options,
    lock_options,
    output_options,
    task_options,
)

EPILOG = """\b
Examples:
  o8 run site.yml -i inventories/prod            bring everything to the described state
  o8 run site.yml -i inventories/prod -CD        show what would change, change nothing
  o8 run site.yml -i prod -l web --tags config   only these hosts and tasks
  o8 run site.yml -i prod -e version=v2          set a variable
  o8 run site.yml -i prod --step                 go through the tasks one by one

\b
Exit codes: 0 converged · 1 invalid input · 2 a host or job failed · 4 unreachable (6 both)
            20 rolled back · 21 rollback failed · 30 somebody else changes the services · 130 interrupted
            32 placement infeasible. With --plain as ansible-playbook: 4 also for files that cannot be read
"""


@click.command("run", epilog=EPILOG)
@click.argument("playbooks", nargs=-1, required=True, metavar="PLAYBOOK...")
@inventory_options
@connection_options
@click.option("-t", "--tags", multiple=True, metavar="TAGS", help="Only tasks with these tags.")
@click.option("--skip-tags", multiple=True, metavar="TAGS", help="Not the tasks with these tags.")
@task_options
@lock_options
@click.option("--start-at-task", metavar="NAME", help="Begin at this task.")
@click.option("--step", is_flag=True, help="Ask before each task whether to carry it out.")
@click.option("--force-handlers", is_flag=True, help="Run handlers even if a task fails.")
@click.option("--flush-cache", is_flag=True, help="Forget cached facts.")
@click.option("--list-tasks", is_flag=True, help="Show the tasks and stop.")
@click.option("--list-tags", is_flag=True, help="Show the tags and stop.")
@click.option("--syntax-check", is_flag=True, help="Read the playbooks and stop.")
@output_options
def command(playbooks: tuple[str, ...], **options: Any) -> int:
    """Run PLAYBOOKs: bring hosts and services to the state they describe."""
    from orchestr8.core.errors import InvalidInput

    try:
        return _run(playbooks, options)
    except InvalidInput as error:
        if not options["plain"]:
            raise
        from orchestr8.cli.failure import end_as_ansible

        return end_as_ansible(error)


def _run(playbooks: tuple[str, ...], options: dict[str, Any]) -> int:
    import sys

    from orchestr8.app.options import located
    from orchestr8.app.request import RunRequest
    from orchestr8.app.run import run
    from orchestr8.cli.options import colours

    request = RunRequest(playbooks=located(playbooks), **options)
    if request.lists:
        from orchestr8.app.listing import listing

        click.echo(listing(request))
        return 0
    return run(request, coloured=colours(sys.stdout))
