"""o8 doc: what modules take, from the code itself."""

from __future__ import annotations

from typing import Any

import click

EPILOG = """\b
Examples:
  o8 doc copy                  arguments, types, defaults, choices, an example
  o8 doc --list docker         modules with a word in their name or text
  o8 doc copy stat --json
"""


@click.command("doc", epilog=EPILOG)
@click.argument("names", nargs=-1, metavar="[MODULE]...")
@click.option("-l", "--list", "listing", is_flag=True, help="List modules, or those with MODULE in them.")
@click.option("-s", "--snippet", is_flag=True, help="Only a task to copy.")
@click.option("-j", "--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("-t", "--type", "kind", default="module", hidden=True)
@click.option("-v", "--verbose", "_verbose", count=True, hidden=True)
@click.option("-M", "--module-path", "_folders", multiple=True, hidden=True)
@click.option("-r", "--roles-path", "_roles", multiple=True, hidden=True)
@click.option("--playbook-dir", "_folder", hidden=True)
def command(
    names: tuple[str, ...], *, listing: bool, snippet: bool, as_json: bool, kind: str, **_elsewhere: Any
) -> None:
    """Show what MODULEs do and take."""
    import json

    from orchestr8.app import doc

    if kind != "module":
        raise click.UsageError(f"only modules are documented here, not `{kind}`")
    known = doc.modules()
    if listing or not names:
        wanted = {name: about for name, about in doc.listed(known).items() if _fits(names, name, about)}
        lines = (f"{name:32} {about}" for name, about in wanted.items())
        click.echo(json.dumps(wanted, indent=4) if as_json else "\n".join(lines))
        return
    specs = [doc.found(known, name) for name in names]
    if as_json:
        click.echo(json.dumps({spec.name: doc.as_data(spec) for spec in specs}, indent=4, default=str))
        return
    show = doc.example if snippet else doc.as_text
    click.echo("\n".join(show(spec) for spec in specs), nl=False)


def _fits(words: tuple[str, ...], name: str, about: str) -> bool:
    return not words or any(word.lower() in f"{name} {about}".lower() for word in words)
