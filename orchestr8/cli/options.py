"""Options that several verbs share, with the names and meaning they have in Ansible."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, TextIO, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


def colours(stream: TextIO) -> bool:
    """Return whether to colour: NO_COLOR, FORCE_COLOR, settings and TERM decide, then what it goes to."""
    from orchestr8.app.settings import Settings

    settings = Settings()
    if os.environ.get("FORCE_COLOR") or os.environ.get("CLICOLOR_FORCE") or settings["FORCE_COLOR"]:
        return not os.environ.get("NO_COLOR")
    if os.environ.get("NO_COLOR") or settings["NOCOLOR"]:
        return False
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def _all(*options: Callable[[F], F]) -> Callable[[F], F]:
    def decorate(function: F) -> F:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


vault_options = _all(
    click.option(
        "--vault-id",
        "vault_ids",
        multiple=True,
        metavar="[LABEL@]SOURCE",
        help="Password of encrypted files and values: a file, a program or `prompt`; may be repeated.",
    ),
    click.option(
        "--vault-password-file",
        "--vault-pass-file",
        "vault_password_files",
        multiple=True,
        metavar="FILE",
        help="The same without a label.",
    ),
    click.option(
        "-J",
        "--ask-vault-password",
        "--ask-vault-pass",
        "ask_vault_pass",
        is_flag=True,
        help="Ask for the vault password.",
    ),
)

inventory_options = _all(
    click.option(
        "-i",
        "--inventory",
        "--inventory-file",
        multiple=True,
        metavar="SOURCE",
        help="Inventory file, folder, script or comma-separated hosts; may be repeated.",
    ),
    click.option("-l", "--limit", metavar="PATTERN", help="Only these hosts."),
    click.option(
        "-e", "--extra-vars", multiple=True, metavar="K=V|@FILE|JSON", help="Variables over all others."
    ),
    vault_options,
)

connection_options = _all(
    click.option("-u", "--user", metavar="USER", help="Connect as this user."),
    click.option("-c", "--connection", metavar="KIND", help="ssh or local."),
    click.option("--private-key", "--key-file", metavar="FILE", help="Private key for the connection."),
    click.option("-T", "--timeout", type=float, metavar="SECONDS", help="Bound on connecting (10)."),
    click.option(
        "--ssh-common-args", metavar="ARGS", help="OpenSSH options, such as '-o ProxyJump=bastion'."
    ),
    click.option("--ssh-extra-args", metavar="ARGS", help="More OpenSSH options."),
    click.option(
        "--sftp-extra-args", metavar="ARGS", help="Accepted; files travel without SFTP.", hidden=True
    ),
    click.option("--scp-extra-args", metavar="ARGS", help="Accepted; files travel without scp.", hidden=True),
    click.option("-k", "--ask-pass", is_flag=True, help="Ask for the connection password."),
    click.option(
        "--connection-password-file",
        "--conn-pass-file",
        metavar="FILE",
        help="Read the connection password from a file.",
    ),
    click.option("-b", "--become", is_flag=True, help="Act as another user (root)."),
    click.option("--become-user", metavar="USER", help="Act as this user."),
    click.option("--become-method", metavar="NAME", help="sudo or su."),
    click.option("-K", "--ask-become-pass", is_flag=True, help="Ask for the become password."),
    click.option(
        "--become-password-file",
        "--become-pass-file",
        metavar="FILE",
        help="Read the become password from a file.",
    ),
    click.option("-f", "--forks", type=click.IntRange(1), metavar="N", help="Hosts worked on at once (50)."),
)

lock_options = _all(
    click.option(
        "--lock-wait",
        metavar="DURATION",
        help="Wait this long (5m) for somebody who is changing the same services (0).",
    ),
)

task_options = _all(
    click.option("-C", "--check", is_flag=True, help="Change nothing; say what would change."),
    click.option("-D", "--diff", is_flag=True, help="Show differences of files."),
    click.option("-M", "--module-path", multiple=True, metavar="PATH", help="Folders of your own modules."),
    click.option("--list-hosts", is_flag=True, help="Show the hosts and stop."),
)

output_options = _all(
    click.option("-v", "--verbose", count=True, help="Say more; may be repeated."),
    click.option("--json", "as_json", is_flag=True, help="Print JSON."),
    click.option("--plain", is_flag=True, help="Print plain lines as Ansible does, even on a terminal."),
)
