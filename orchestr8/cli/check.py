"""o8 check: find mistakes without contacting a host."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from orchestr8.cli.options import inventory_options
from orchestr8.core.errors import Diagnostic, Exit

if TYPE_CHECKING:
    from orchestr8.app.request import RunRequest

EPILOG = """\b
Examples:
  o8 check site.yml                        read the playbook and everything it names
  o8 check site.yml -i inventories/prod    with the inventory's variables
  o8 check site.yml --fix                  mend what can be mended without a decision: words of the past
                                           (include, sudo, x|failed), decimal modes, conditions in braces
  o8 check site.yml --style --fix          write it as today: full names, true/false, mappings, loop
  o8 check site.yml --format github        annotations; also json and sarif
"""


@click.command("check", epilog=EPILOG)
@click.argument("playbooks", nargs=-1, required=True, metavar="PLAYBOOK...")
@inventory_options
@click.option("--fix", is_flag=True, help="Rewrite files where the repair is mechanical.")
@click.option("--style", is_flag=True, help="Tell also what is right but written as of old.")
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "sarif", "github"]), default="text", help="Output."
)
@click.option("--json", "form", flag_value="json", help="The same as --format json: one object a finding.")
def command(playbooks: tuple[str, ...], *, fix: bool, style: bool, form: str, **options: Any) -> int:
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
    if style:
        found = [*found, *_styled(request, fix=fix)]
    _show(found, form)
    return Exit.INVALID if any(d.severity == "error" for d in found) else Exit.OK


def _styled(request: RunRequest, *, fix: bool) -> Sequence[Diagnostic]:
    from orchestr8.app.style import read_style

    # A task that is rewritten moves those below it, so files are read again until nothing is left.
    while fix and (mended := read_style(request).mend()):
        for each in mended:
            click.echo(f"mended {each.span}: {each.code} {each.message}", err=True)
    return read_style(request).findings()


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
