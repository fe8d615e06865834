"""Verbs that have verbs of their own, such as `o8 vault view`."""

from __future__ import annotations

import click

from orchestr8.core.suggest import did_you_mean


class Family(click.Group):
    """A group whose commands show those of its examples that name them."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command; one without an epilog gets its examples."""
        command = super().get_command(ctx, cmd_name)
        if command is not None and not command.epilog:
            lines = (self.epilog or "").splitlines()
            own = [line for line in lines if f"{line} ".startswith(f"  o8 {self.name} {cmd_name} ")]
            command.epilog = "\n".join(("\b", "Examples:", *own))
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or suggest the nearest."""
        known = self.list_commands(ctx)
        if args and args[0] not in known and not args[0].startswith("-"):
            hint = did_you_mean(args[0], known) or f"there are {', '.join(known)}"
            ctx.fail(f"there is no `o8 {self.name} {args[0]}`; {hint}")
        return super().resolve_command(ctx, args)
