"""o8 check: find mistakes without contacting a host."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from orchestr8.cli.options import inventory_options
from orchestr8.core.errors import Diagnostic, Exit

EPILOG = """\b
Examples:
  o8 check site.yml                        read the playbook and everything it names
  o8 check site.yml -i inventories/prod    with the inventory's variables
  o8 check site.yml --fix                  mend what can be mended without a decision: words of the past
                                           (include, sudo, x|failed), decimal modes, conditions in braces
  o8 check site.yml --format github        annotations; also json and sarif
"""


@click.command("check", epilog=EPILOG)
@click.argument("playbooks", nargs=-1, required=True, metavar="PLAYBOOK...")
@inventory_options
@click.option("--fix", is_flag=True, help="Rewrite files where the repair is mechanical.")
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "sarif", "github"]), default="text", help="Output."
)
@click.option("--json", "form", flag_value="json", help="The same as --format json: one object a finding.")
def command(playbooks: tuple[str, ...], *, fix: bool, form: str, **options: Any) -> int:
    """Find every mistake in PLAYBOOKs, roles, templates and inventory; no host is contacted."""
    from orchestr8.app.check import findings
    from orchestr8.app.request import RunRequest

    request = RunRequest(playbooks=playbooks, **options)
    found = findings(request)
    if fix:
        from orchestr8.app.fixes import mend

        # What is mended may show more, and what stands on a line twice is found once.
        while mended := mend(found):
            for each in mended:
                click.echo(f"mended {each.span}: {each.code} {each.message}", err=True)
            found = findings(request)
    _show(found, form)
    return Exit.INVALID if any(d.severity == "error" for d in found) else Exit.OK


def _show(found: Sequence[Diagnostic], form: str) -> None:
    import json
    import sys

    from orchestr8.app import check
    from orchestr8.app import findings as forms
    from orchestr8.cli.failure import show

    if form == "json":
        for diagnostic in found:
            click.echo(json.dumps(check.as_json(diagnostic)))
    elif form == "sarif":
        click.echo(forms.sarif(found))
    elif form == "github":
        click.echo(forms.github(found), nl=False)
    elif found:
        show(found, sys.stdout)
    else:
        click.echo("no mistakes found")
