"""o8 check: find mistakes without contacting a host."""

from __future__ import annotations

from typing import Any

import click

from orchestr8.cli.options import inventory_options

EPILOG = """\b
Examples:
  o8 check site.yml                        read the playbook and everything it names
  o8 check site.yml -i inventories/prod    with the inventory's variables
  o8 check site.yml --json                 for editors and CI
"""


@click.command("check", epilog=EPILOG)
@click.argument("playbooks", nargs=-1, required=True, metavar="PLAYBOOK...")
@inventory_options
@click.option("--json", "as_json", is_flag=True, help="Print JSON, one object a finding.")
def command(playbooks: tuple[str, ...], *, as_json: bool, **options: Any) -> int:
    """Find every mistake in PLAYBOOKs, roles, templates and inventory; no host is contacted."""
    import json
    import sys

    from orchestr8.app.check import as_json as to_json
    from orchestr8.app.check import findings
    from orchestr8.app.request import RunRequest
    from orchestr8.cli.failure import show
    from orchestr8.core.errors import Exit

    found = findings(RunRequest(playbooks=playbooks, **options))
    if as_json:
        for diagnostic in found:
            click.echo(json.dumps(to_json(diagnostic)))
    elif found:
        show(found, sys.stdout)
    else:
        click.echo("no mistakes found")
    return Exit.INVALID if any(d.severity == "error" for d in found) else Exit.OK
