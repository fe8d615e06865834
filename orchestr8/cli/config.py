"""o8 config: settings, their values and where they come from."""

from __future__ import annotations

from typing import Any

import click

EPILOG = """\b
Examples:
  o8 config dump                     every setting with its value and origin
  o8 config dump --only-changed      those that a file or the environment sets
  o8 config list --json              what each means, and where it can be set
  o8 config init --disabled > ansible.cfg     a file of all settings, as comments
  o8 config validate                 what is set and has no equal here
"""
ACTIONS = ["dump", "list", "view", "init", "validate"]


@click.command("config", epilog=EPILOG)
@click.argument("action", type=click.Choice(ACTIONS), default="dump")
@click.option("--only-changed", "--changed-only", "changed", is_flag=True, help="Not the defaults.")
@click.option("--disabled", is_flag=True, help="With init: as comments.")
@click.option("-f", "--format", "form", type=click.Choice(["display", "ini", "json", "yaml"]))
@click.option("--json", "form", flag_value="json", help="Print JSON.")
@click.option("-c", "--config", "file", metavar="FILE", help="This ansible.cfg.")
@click.option("-t", "--type", "_kind", metavar="TYPE", hidden=True)
@click.option("-v", "--verbose", "_verbose", count=True, hidden=True)
@click.option("--compat", "foreign", is_flag=True, hidden=True)
def command(action: str, *, file: str | None, **options: Any) -> int:
    """Show settings of `ansible.cfg` and ANSIBLE_* that have an equal here; flags are stronger than they."""
    import os

    from orchestr8.app import settings_shown

    if file is not None:
        os.environ["ANSIBLE_CONFIG"] = file
    if action == "validate":
        return _told(list(settings_shown.unheeded()))
    if action == "view" and (text := settings_shown.view()) is None:
        click.echo("[ERROR]: Invalid or no config file was supplied", err=True)
        return 1
    if action == "init":
        text = settings_shown.template(disabled=options["disabled"])
    elif action != "view":
        text = _table(action, options)
    click.echo(text, nl=False)
    return 0


def _table(action: str, options: dict[str, Any]) -> str:
    from orchestr8.app import settings_shown as shown

    form = options["form"] or ("display" if action == "dump" else "yaml" if options["foreign"] else "json")
    if action == "list":
        found = shown.listed()
    else:
        found = shown.rows(changed=options["changed"], foreign=options["foreign"])
    if form == "json":
        return shown.as_json(found)
    return shown.as_yaml(found) if form == "yaml" or action == "list" else shown.as_text(found)


def _told(found: list[str]) -> int:
    for line in found:
        click.echo(line, err=True)
    if not found:
        click.echo("All configurations seem valid!")
    return 1 if found else 0
