"""o8 vault: encrypt, decrypt and edit files and texts, in the form of ansible-vault."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click

from orchestr8.cli.family import Family
from orchestr8.cli.options import vault_options

EPILOG = """\b
Examples:
  o8 vault create group_vars/all/secrets.yml            write a new encrypted file in $EDITOR
  o8 vault edit group_vars/all/secrets.yml              change it
  o8 vault encrypt --vault-id prod@~/.vault-prod a.key  encrypt files in place
  o8 vault decrypt --output a.txt a.key                 write one as plain text; without --output in place
  o8 vault view a.key                                   show one
  o8 vault view --vault-id age@~/keys.txt db.sops.yml   one of age or SOPS
  o8 vault rekey --new-vault-id prod@prompt a.key       give it another password
  o8 vault encrypt_string --name db_password            read a text, print it as a YAML value

\b
Files made by ansible-vault open here, and the other way round. `-` is standard input or output.
A password comes from LABEL@FILE, LABEL@PROGRAM or LABEL@prompt.
Files of age and of SOPS (age recipients) open with SOPS_AGE_KEY, SOPS_AGE_KEY_FILE or --vault-id age@FILE.
"""
F = TypeVar("F", bound=Callable[..., Any])
EMPTY = "O8-1810"
_OPTIONS_ERROR, _USAGE_ERROR, _FAILURE = 5, 2, 1


class OptionsConflict(click.UsageError):
    """Options that do not go together, which ansible-vault tells apart from those it does not know."""


@click.group("vault", cls=Family, epilog=EPILOG)
def command() -> None:
    """Encrypt, decrypt, view, edit and rekey files and texts."""
    os.umask(0o077)


_output = click.option("--output", "--output-file", "output", metavar="FILE", help="Write here; - is stdout.")
_encrypt_id = click.option("--encrypt-vault-id", metavar="LABEL", help="The vault id to encrypt with.")
_files = click.argument("names", nargs=-1, metavar="[FILE]...")


def _options(function: F) -> F:
    talk = click.option("-v", "--verbose", "_verbose", count=True, help="Accepted, as everywhere.")
    return vault_options(talk(function))


def _passwords(options: dict[str, Any]) -> Any:
    from orchestr8.app.vault import Passwords

    return Passwords(options["vault_ids"], options["vault_password_files"], options["ask_vault_pass"])


def _one_output(names: Sequence[str], output: str | None) -> None:
    if output is not None and len(names) > 1:
        raise OptionsConflict("at most one input file may be used with the --output option")


def _needs(names: Sequence[str]) -> Sequence[str]:
    if not names:
        raise click.UsageError("name a file")
    return names


def _done(text: str) -> None:
    if sys.stdout.isatty():
        click.echo(f"{text} successful", err=True)


def _reading(names: Sequence[str], what: str) -> Sequence[str]:
    if not names and sys.stdin.isatty():
        click.echo(f"Reading {what} input from stdin", err=True)
    return names or ("-",)


@command.command("encrypt")
@_files
@_output
@_encrypt_id
@_options
def encrypt(names: tuple[str, ...], output: str | None, encrypt_vault_id: str | None, **options: Any) -> None:
    """Encrypt files in place, or standard input."""
    from orchestr8.app.vault import encrypt_file, sealing

    _one_output(names, output)
    key = sealing(_passwords(options), encrypt_vault_id)
    for name in _reading(names, "plaintext"):
        encrypt_file(name, key, output)
    _done("Encryption")


@command.command("decrypt")
@_files
@_output
@_options
def decrypt(names: tuple[str, ...], output: str | None, **options: Any) -> None:
    """Decrypt files in place, or standard input."""
    from orchestr8.app.vault import decrypt_file, opening

    _one_output(names, output)
    vault = opening(_passwords(options))
    for name in _reading(names, "ciphertext"):
        decrypt_file(name, vault, output)
    _done("Decryption")


@command.command("view")
@_files
@_options
def view(names: tuple[str, ...], **options: Any) -> None:
    """Show what encrypted files hold; nothing is written."""
    from orchestr8.app.vault import opening, plaintext

    vault = opening(_passwords(options), names)
    for name in _needs(names):
        data = plaintext(name, vault)
        if sys.stdout.isatty():
            click.echo_via_pager(data.decode("utf-8", "replace"))
        else:
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()


@command.command("create")
@_files
@_encrypt_id
@click.option("--skip-tty-check", is_flag=True, help="Open an editor even without a terminal.")
@_options
def create(
    names: tuple[str, ...], encrypt_vault_id: str | None, *, skip_tty_check: bool, **options: Any
) -> None:
    """Write a new encrypted file in an editor."""
    from orchestr8.app.settings import Settings
    from orchestr8.app.vault import create_file, sealing

    if len(names) != 1:
        raise click.UsageError("`create` takes one file")
    if not (sys.stdout.isatty() or skip_tty_check or Settings()["EDITOR"] or os.environ.get("EDITOR")):
        raise OptionsConflict("not a terminal, an editor cannot be opened")
    create_file(names[0], sealing(_passwords(options), encrypt_vault_id))


@command.command("edit")
@_files
@_encrypt_id
@_options
def edit(names: tuple[str, ...], encrypt_vault_id: str | None, **options: Any) -> None:
    """Change encrypted files in an editor; their passwords and vault ids stay."""
    from orchestr8.app.vault import edit_file, opening

    del encrypt_vault_id
    vault = opening(_passwords(options))
    for name in _needs(names):
        edit_file(name, vault)


@command.command("rekey")
@_files
@_encrypt_id
@click.option("--new-vault-id", metavar="LABEL@SOURCE", help="The new password, with its vault id.")
@click.option("--new-vault-password-file", metavar="FILE", help="The new password.")
@_options
def rekey(
    names: tuple[str, ...],
    encrypt_vault_id: str | None,
    new_vault_id: str | None,
    new_vault_password_file: str | None,
    **options: Any,
) -> None:
    """Give encrypted files another password."""
    from orchestr8.app.vault import opening, rekey_file, rekeying

    if new_vault_id and new_vault_password_file:
        raise click.UsageError("--new-vault-id and --new-vault-password-file exclude each other")
    passwords = _passwords(options)
    vault = opening(passwords)
    _needs(names)
    key = rekeying(passwords, new_vault_id, new_vault_password_file, encrypt_vault_id)
    for name in names:
        rekey_file(name, vault, key)
    click.echo("Rekey successful", err=True)


@command.command("encrypt_string")
@click.argument("texts", nargs=-1, metavar="[TEXT]...")
@click.option("-n", "--name", "variables", multiple=True, metavar="NAME", help="The variable of a text.")
@click.option("--stdin-name", metavar="NAME", help="The variable of the text on standard input.")
@click.option("-p", "--prompt", is_flag=True, help="Ask for the text.")
@click.option("--show-input", is_flag=True, help="Show what is typed.")
@_output
@_encrypt_id
@_options
def encrypt_string(
    texts: tuple[str, ...],
    *,
    variables: tuple[str, ...],
    stdin_name: str | None,
    prompt: bool,
    show_input: bool,
    output: str | None,
    encrypt_vault_id: str | None,
    **options: Any,
) -> None:
    """Print texts encrypted, as YAML values; without TEXT, standard input is read."""
    from orchestr8.app.private_files import write
    from orchestr8.app.vault import encrypt_strings, sealing

    reads = "-" in texts or bool(stdin_name) or not (texts or prompt)
    if prompt and reads:
        raise OptionsConflict("the --prompt option is not supported if also reading input from stdin")
    key = sealing(_passwords(options), encrypt_vault_id)
    found = [_prompted(hidden=not show_input)] if prompt else []
    found += [_piped(stdin_name)] if reads else []
    found += _named([text for text in texts if text != "-"], variables)
    if any(not text for _, text in found):
        from orchestr8.core.errors import Diagnostic
        from orchestr8.core.vaulted import VaultError

        source = "stdin" if reads else "the plaintext provided from the command line args"
        raise VaultError(Diagnostic(EMPTY, f"{source} was empty, not encrypting"))
    write(output or "-", encrypt_strings(found, key).encode())
    _done("Encryption")


def _prompted(*, hidden: bool) -> tuple[str | None, bytes]:
    name = click.prompt("Variable name (enter for no name)", default="", show_default=False)
    how = " (hidden)" if hidden else ""
    text = click.prompt(f"String to encrypt{how}", default="", show_default=False, hide_input=hidden)
    return name or None, text.encode("utf-8", "surrogateescape")


def _piped(name: str | None) -> tuple[str | None, bytes]:
    if sys.stdin.isatty():
        click.echo("Reading plaintext input from stdin. (ctrl-d to end input)", err=True)
    return name, sys.stdin.buffer.read()


def _named(texts: Sequence[str], names: Sequence[str]) -> list[tuple[str | None, bytes]]:
    if names and len(texts) > len(names):
        click.echo("The number of --name options do not match the number of args.", err=True)
        click.echo(f'The last named variable will be "{names[-1]}". The rest will not have names.', err=True)
    padded = [*names[: len(texts)], *[None] * (len(texts) - len(names))]
    encoded = [text.encode("utf-8", "surrogateescape") for text in texts]
    return list(zip(padded, encoded, strict=True))


def ansible_vault(argv: Sequence[str]) -> int:
    """Do what `ansible-vault` does with these arguments, and return its exit code."""
    from orchestr8.core.errors import O8Error

    try:
        command.main(
            list(argv),
            prog_name="ansible-vault",
            standalone_mode=False,
            help_option_names=["-h", "--help"],
        )
    except click.exceptions.Abort:
        return 130
    except click.ClickException as error:
        error.show()
        return _OPTIONS_ERROR if isinstance(error, OptionsConflict) else _USAGE_ERROR
    except O8Error as error:
        for each in error.diagnostics:
            click.echo(f"[ERROR]: {each.message}{f' for {each.span.file}' if each.span else ''}", err=True)
        wrong = any("are available to encrypt" in d.message or d.code == EMPTY for d in error.diagnostics)
        return _OPTIONS_ERROR if wrong else _FAILURE
    return 0
