"""o8 graph: show the task graph of a playbook."""

from __future__ import annotations

from typing import Any

import click

from orchestr8.cli.options import inventory_options

EPILOG = """\b
Examples:
  o8 graph site.yml -i inventories/prod
  o8 graph site.yml -i prod --format mermaid      for GitHub and GitLab
  o8 graph site.yml -i prod --format svg > graph.svg
"""


@click.command("graph", epilog=EPILOG)
@click.argument("playbooks", nargs=-1, required=True, metavar="PLAYBOOK...")
@inventory_options
@click.option("-t", "--tags", multiple=True, metavar="TAGS", help="Only tasks with these tags.")
@click.option("--skip-tags", multiple=True, metavar="TAGS", help="Not the tasks with these tags.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "mermaid", "dot", "svg"]),
    default="text",
    help="How to draw.",
)
def command(playbooks: tuple[str, ...], *, form: str, **options: Any) -> None:
    """Show what waits for what in PLAYBOOKs; no host is contacted."""
    from orchestr8.app.graph import draw
    from orchestr8.app.request import RunRequest

    click.echo(draw(RunRequest(playbooks=playbooks, **options), form))
