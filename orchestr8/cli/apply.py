"""o8 apply: do exactly what a saved plan says."""

from __future__ import annotations

import sys
from typing import Any

import click

from orchestr8.cli.options import lock_options, output_options
from orchestr8.cli.service_options import asking

EPILOG = """\b
Examples:
  o8 plan site.yml -i inventories/prod -o release.o8plan
  o8 apply release.o8plan               shows it once more and asks
  o8 apply release.o8plan -y            for CI
  o8 apply release.o8plan --check       does the plan still hold?

\b
Playbook and inventory are read from where `o8 plan` found them. Images are those of the plan, even if
a tag has moved since. If anything else would be done than was planned, nothing is.
Exit codes: as those of `o8 run`, and 31 when the world has moved since the plan was made
"""


@click.command("apply", epilog=EPILOG)
@click.argument("file", metavar="FILE")
@click.option("-C", "--check", is_flag=True, help="Change nothing; say whether the plan still holds.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@lock_options
@output_options
def command(file: str, *, check: bool, yes: bool, **shown: Any) -> int:
    """Do exactly what the plan in FILE says, or nothing."""
    from orchestr8.app.apply import apply
    from orchestr8.cli.options import colours

    return apply(file, shown, asking(yes), check=check, coloured=colours(sys.stdout))
