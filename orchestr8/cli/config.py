"""o8 config: settings, their values and where they come from."""

from __future__ import annotations

import click

EPILOG = """\b
Examples:
  o8 config dump                     every setting with its value and origin
  o8 config dump --only-changed      those that a file or the environment sets
  o8 config list --json              what each means, and where it can be set
"""


@click.command("config", epilog=EPILOG)
@click.argument("action", type=click.Choice(["dump", "list", "view"]), default="dump")
@click.option("--only-changed", "--changed-only", "changed", is_flag=True, help="Not the defaults.")
@click.option("-f", "--format", "form", type=click.Choice(["display", "json"]), default="display")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("-c", "--config", "file", metavar="FILE", help="This ansible.cfg.")
@click.option("-t", "--type", "kind", metavar="TYPE", hidden=True)
@click.option("-v", "--verbose", count=True, hidden=True)
def command(
    action: str, *, changed: bool, form: str, as_json: bool, file: str | None, kind: str | None, verbose: int
) -> None:
    """Show settings of `ansible.cfg` and ANSIBLE_* that have an equal here; flags are stronger than they."""
    import os

    from orchestr8.app import settings_shown

    del kind, verbose
    if file is not None:
        os.environ["ANSIBLE_CONFIG"] = file
    if action == "view":
        text = settings_shown.view()
    elif action == "list":
        text = settings_shown.as_json(settings_shown.listed())
    else:
        found = settings_shown.rows(changed=changed)
        text = settings_shown.as_json(found) if as_json or form == "json" else settings_shown.as_text(found)
    click.echo(text, nl=False)
