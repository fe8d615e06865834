"""o8 rollout: the verbs about rollouts, by the words that users of kubectl know."""

from __future__ import annotations

from importlib import import_module

import click

WORDS = {
    "status": ("orchestr8.cli.status", "Show which services run where."),
    "watch": ("orchestr8.cli.watch", "Look on while a rollout goes on, and end as it ends."),
    "pause": ("orchestr8.cli.pause", "Have a rollout stay as it is until resumed."),
    "resume": ("orchestr8.cli.resume", "Go on with a rollout that was paused or interrupted."),
    "promote": ("orchestr8.cli.promote", "Let a rollout that waits for approval go on."),
    "abort": ("orchestr8.cli.abort", "Call a rollout off."),
    "undo": ("orchestr8.cli.rollback", "Bring a service back to an earlier revision."),
    "restart": ("orchestr8.cli.restart", "Replace a service's containers by new ones."),
    "history": ("orchestr8.cli.history", "Show the revisions of a service."),
    "diff": ("orchestr8.cli.diff", "Show what differs between two revisions."),
}


class Words(click.Group):
    """A group whose commands are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the words in the order of use."""
        del ctx
        return list(WORDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the verb behind a word."""
        del ctx
        if cmd_name not in WORDS:
            return None
        command: click.Command = import_module(WORDS[cmd_name][0]).command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the words without importing them."""
        del ctx
        with formatter.section("Verbs"):
            formatter.write_dl([(name, text) for name, (_, text) in WORDS.items()])


EPILOG = """\b
Examples:
  o8 rollout status web -i inventories/prod
  o8 rollout watch web -i inventories/prod
  o8 rollout promote web -i inventories/prod
  o8 rollout undo web -i inventories/prod      as `o8 rollback`
"""


@click.command("rollout", cls=Words, epilog=EPILOG)
def command() -> None:
    """Look at rollouts and steer them; each of these is a verb of its own too."""
