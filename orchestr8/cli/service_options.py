"""What the verbs about services share: their options, and the question before something changes."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, TypeVar

import click

from orchestr8.cli.options import connection_options, inventory_options, lock_options, output_options

F = TypeVar("F", bound=Callable[..., Any])

project_option = click.option("--project", metavar="NAME", help="The project, when hosts have several.")
_check = click.option("-C", "--check", is_flag=True, help="Change nothing; say what would happen.")
_skip_hooks = click.option("--skip-hooks", is_flag=True, help="Go on without the hooks of the playbook.")
_yes = click.option("-y", "--yes", is_flag=True, help="Do not ask.")


def seeing(function: F) -> F:
    """Give a verb that only looks its options."""
    return inventory_options(connection_options(project_option(output_options(function))))


def changing(function: F) -> F:
    """Give a verb that changes services its options."""
    return inventory_options(
        connection_options(lock_options(_check(_yes(_skip_hooks(project_option(output_options(function)))))))
    )


def asking(yes: bool) -> Callable[[str], bool]:  # noqa: FBT001 -- the value of a flag
    """Return what asks at the terminal; where nobody is there, or with --yes, it agrees."""

    def agree(question: str) -> bool:
        return yes or not sys.stdin.isatty() or click.confirm(question, err=True)

    return agree


def insisting(yes: bool) -> Callable[[str], bool]:  # noqa: FBT001 -- the value of a flag
    """Return what asks about what cannot be undone; where nobody is at a terminal, only --yes agrees."""

    def agree(question: str) -> bool:
        if yes or sys.stdin.isatty():
            return yes or click.confirm(question, err=True)
        click.echo(f"{question} Nobody is at a terminal to say so: give --yes.", err=True)
        return False

    return agree
