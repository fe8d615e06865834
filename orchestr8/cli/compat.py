"""o8 compat: the commands of Ansible under their own names, for scripts that call them."""

from __future__ import annotations

from importlib import import_module

import click

from orchestr8.cli.failure import end_as_ansible
from orchestr8.core.errors import InvalidInput

EPILOG = """\b
Examples:
  o8 compat ansible-playbook -i hosts site.yml
  o8 compat ansible all -i hosts -m ping
  printf '#!/bin/sh\\nexec o8 compat ansible-playbook "$@"\\n' > ~/bin/ansible-playbook
"""
COMMANDS = {
    "ansible-playbook": ("orchestr8.cli.run", ("--plain",)),
    "ansible": ("orchestr8.cli.exec", ("--ungrouped",)),
    "ansible-inventory": ("orchestr8.cli.inventory", ("--compat",)),
    "ansible-vault": ("orchestr8.cli.vault", ()),
    "ansible-console": ("orchestr8.cli.console", ()),
    "ansible-doc": ("orchestr8.cli.doc", ()),
    "ansible-config": ("orchestr8.cli.config", ("--compat",)),
}
"""Ansible's commands: the verb's file, and the options that make it look the same."""


@click.command(
    "compat",
    epilog=EPILOG,
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
)
@click.argument("name", type=click.Choice(list(COMMANDS)), metavar="COMMAND")
@click.argument("args", nargs=-1, type=click.UNPROCESSED, metavar="[ARGS]...")
def command(name: str, args: tuple[str, ...]) -> int:
    """Run ansible-playbook, ansible, ansible-inventory, -vault, -doc, -config or -console as orchestr8."""
    from orchestr8 import __version__
    from orchestr8.engine.scopes import version

    if "--version" in args:
        click.echo(f"{name} [core {version()['full']}] (orchestr8 {__version__})")
        return 0
    if name == "ansible-vault":
        from orchestr8.cli.vault import ansible_vault

        return ansible_vault(args)
    file, extra = COMMANDS[name]
    verb: click.Command = import_module(file).command
    with verb.make_context(name, [*extra, *args], help_option_names=["-h", "--help"]) as context:
        try:
            return int(verb.invoke(context) or 0)
        except InvalidInput as error:
            return end_as_ansible(error)
