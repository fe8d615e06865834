"""The `o8` command: finds the verb, loads only its file, and turns every end into an exit code."""

from __future__ import annotations

import sys
from importlib import import_module

import click

from orchestr8 import __version__
from orchestr8.cli.failure import show_defect, show_error
from orchestr8.cli.leaving import begin, leave
from orchestr8.core.errors import Exit, O8Error
from orchestr8.core.suggest import did_you_mean

VERBS = {
    "run": ("orchestr8.cli.run", "Run playbooks: bring hosts and services to the state they describe."),
    "plan": ("orchestr8.cli.plan", "Show what a run would change and why; save it for apply."),
    "apply": ("orchestr8.cli.apply", "Do exactly what a saved plan says."),
    "check": ("orchestr8.cli.check", "Find the mistakes in playbooks without contacting a host."),
    "graph": ("orchestr8.cli.graph", "Show the task graph of a playbook."),
    "exec": ("orchestr8.cli.exec", "Run one module or command on hosts."),
    "console": ("orchestr8.cli.console", "A prompt for tasks on hosts, over open connections."),
    "compat": ("orchestr8.cli.compat", "Stand in for ansible-playbook, ansible and their kin."),
    "inventory": ("orchestr8.cli.inventory", "Show hosts, groups and variables."),
    "vars": ("orchestr8.cli.variables", "Show a host's variables and where each was set."),
    "doc": ("orchestr8.cli.doc", "Show what modules do and take."),
    "config": ("orchestr8.cli.config", "Show settings and where they come from."),
    "vault": ("orchestr8.cli.vault", "Encrypt, decrypt, view and edit files and texts."),
    "status": ("orchestr8.cli.status", "Show which services run where, as the hosts tell."),
    "history": ("orchestr8.cli.history", "Show the revisions of a service."),
    "logs": ("orchestr8.cli.logs", "Show what a service's replicas write."),
    "explain": ("orchestr8.cli.explain", "Say why each replica is on its host and on no other."),
    "diff": ("orchestr8.cli.diff", "Show what differs between two revisions of a service."),
    "rollout": ("orchestr8.cli.rollout", "Look at rollouts and steer them, in the words of kubectl."),
    "promote": ("orchestr8.cli.promote", "Let a rollout that waits for approval go on."),
    "pause": ("orchestr8.cli.pause", "Have a rollout stay as it is until resumed."),
    "resume": ("orchestr8.cli.resume", "Go on with a rollout that was paused or interrupted."),
    "abort": ("orchestr8.cli.abort", "Call a rollout off: back to the last good revision."),
    "scale": ("orchestr8.cli.scale", "Change how many replicas of a service run."),
    "restart": ("orchestr8.cli.restart", "Replace a service's containers by new ones, one after another."),
    "drain": ("orchestr8.cli.drain", "Move every replica away from hosts."),
    "cordon": ("orchestr8.cli.cordon", "Keep new replicas away from hosts."),
    "uncordon": ("orchestr8.cli.uncordon", "Let replicas start on hosts again."),
    "lock": ("orchestr8.cli.lock", "Show, take and release the locks of services."),
    "rebalance": ("orchestr8.cli.rebalance", "Move replicas to where the rules would put them today."),
    "prune": ("orchestr8.cli.prune", "Remove what no service needs any more."),
    "rollback": ("orchestr8.cli.rollback", "Bring a service back to an earlier revision."),
}


class Verbs(click.Group):
    """A group whose commands are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the verbs in the order of use."""
        del ctx
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a verb's command."""
        del ctx
        if cmd_name not in VERBS:
            return None
        command: click.Command = import_module(VERBS[cmd_name][0]).command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the verb, or suggest the nearest."""
        if args and args[0] not in VERBS and not args[0].startswith("-"):
            hint = did_you_mean(args[0], VERBS)
            ctx.fail(f"there is no verb `{args[0]}`{'; ' + hint if hint else ''}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the verbs without importing them."""
        del ctx
        with formatter.section("Verbs"):
            formatter.write_dl([(name, text) for name, (_, text) in VERBS.items()])


@click.group(
    cls=Verbs,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="`o8 VERB --help` shows a verb's options and examples.",
)
@click.version_option(__version__, "--version", prog_name="orchestr8")
def cli() -> None:
    """Orchestrate hosts and container services over SSH, without agents."""


def main() -> None:
    """Run the command line and exit."""
    begin()
    leave(_run())


def _run() -> int:
    try:
        result = cli.main(standalone_mode=False)
    except click.exceptions.Abort:
        return Exit.INTERRUPTED
    except click.ClickException as error:
        error.show()
        return Exit.INVALID
    except O8Error as error:
        show_error(error)
        return error.exit_code
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()
        return Exit.OK
    except Exception as error:  # noqa: BLE001 -- the process's boundary: a defect of ours is exit 70
        show_defect(error)
        return Exit.INTERNAL
    return int(result) if isinstance(result, int) else Exit.OK
