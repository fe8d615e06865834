"""o8 console: a prompt for tasks on the hosts of a pattern."""

from __future__ import annotations

from typing import Any

import click

from orchestr8.cli.options import connection_options, inventory_options, output_options, task_options

EPILOG = """\b
Examples:
  o8 console web -i prod -b        then: `uptime`, `service name=nginx state=restarted`, `cd db`, `help`
  printf 'ping\\nuptime\\n' | o8 console all -i prod
"""


@click.command("console", epilog=EPILOG)
@click.argument("pattern", default="all", metavar="[PATTERN]")
@inventory_options
@connection_options
@task_options
@click.option("--playbook-dir", metavar="DIR", help="With the variables beside playbooks of this folder.")
@click.option("--task-timeout", type=int, metavar="SECONDS", help="Bound on each task.")
@click.option("--flush-cache", is_flag=True, help="Forget cached facts.")
@click.option("--step", is_flag=True, hidden=True)
@output_options
def command(pattern: str, **options: Any) -> int:
    """Run one task after another on the hosts of PATTERN; connections stay open between them."""
    import contextlib
    import sys

    from orchestr8.app.console import Console, converse
    from orchestr8.app.request import ExecRequest
    from orchestr8.app.sinks import ad_hoc
    from orchestr8.cli.options import colours

    with contextlib.suppress(ImportError):
        import readline  # noqa: F401 -- gives `input` a history and editing

    request = ExecRequest(pattern=pattern, **options)
    console = Console(request, lambda wanted: ad_hoc(wanted, coloured=colours(sys.stdout)))

    def read(prompt: str) -> str:
        return input(prompt if sys.stdin.isatty() else "")

    return converse(console, read, lambda text: click.echo(text, nl=False))
