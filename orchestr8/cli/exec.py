"""o8 exec: run one module or command on hosts."""

from __future__ import annotations

from typing import Any

import click

from orchestr8.cli.failure import warn
from orchestr8.cli.options import (
    connection_options,
    inventory_options,
    output_options,
    task_options,
)

EPILOG = """\b
Examples:
  o8 exec web -i prod -- uptime                 a command; hosts with the same output are shown together
  o8 exec 'web:!web3' -m service -a 'name=nginx state=restarted' -b
  o8 exec all -m setup -a 'filter=ansible_distribution*'
  o8 exec --service web -i prod -- env          inside a replica of a service; --slot N, --each
  o8 exec web -B 600 -P 0 -a 'apt-get -y upgrade'   a job behind; async_status tells how it stands
"""


@click.command("exec", epilog=EPILOG)
@click.argument("pattern", metavar="PATTERN")
@click.argument("words", nargs=-1, metavar="[-- COMMAND...]")
@click.option("-m", "--module-name", "module", metavar="MODULE", help="The module (command).")
@click.option("-a", "--args", "arguments", metavar="ARGS", help="Its arguments: k=v, text or JSON.")
@inventory_options
@connection_options
@task_options
@click.option("-B", "--background", type=int, metavar="SECONDS", help="Let it run behind, this long at most.")
@click.option("-P", "--poll", type=int, metavar="SECONDS", help="With -B: 0 does not wait for the end.")
@click.option("--task-timeout", type=int, metavar="SECONDS", help="Bound on the task.")
@click.option("-o", "--one-line", is_flag=True, help="One line a host.")
@click.option("--playbook-dir", metavar="DIR", help="With the variables beside playbooks of this folder.")
@click.option("--flush-cache", is_flag=True, help="Forget cached facts.")
@click.option("-t", "--tree", metavar="DIR", hidden=True)
@click.option("--service", metavar="SERVICE", help="Run COMMAND inside a replica of this service.")
@click.option("--slot", type=click.IntRange(1), metavar="N", help="With --service: in this replica.")
@click.option("--each", is_flag=True, help="With --service: in every replica.")
@click.option("--project", metavar="NAME", help="With --service: its project, when hosts have several.")
@click.option("--ungrouped", is_flag=True, help="Show each host by itself, as it ends.")
@output_options
def command(pattern: str, words: tuple[str, ...], *, tree: str | None, **options: Any) -> int:
    """Run a module, or COMMAND, on the hosts of PATTERN."""
    from orchestr8.app.exec import asked, execute, hosts
    from orchestr8.app.request import ExecRequest
    from orchestr8.app.sinks import ad_hoc
    from orchestr8.cli.options import colours

    if tree is not None:
        raise click.UsageError("--tree is not here: --json writes all results, one a line")
    import sys

    place = {name: options.pop(name) for name in ("service", "slot", "each", "project")}
    if place["service"]:
        return _inside((pattern, *words), place, options)
    request = asked(ExecRequest(pattern=pattern, words=words, **_said(options)))
    if request.list_hosts:
        click.echo(hosts(request))
        return 0
    return execute(request, ad_hoc(request, coloured=colours(sys.stdout)))


def _said(options: dict[str, Any]) -> dict[str, Any]:
    """Return the options without a module and arguments that were not given."""
    return {name: value for name, value in options.items() if value is not None}


def _inside(words: tuple[str, ...], place: dict[str, Any], options: dict[str, Any]) -> int:
    """Run a command inside the containers of a service."""
    from dataclasses import fields

    from orchestr8.app.inside import Inside, run_inside
    from orchestr8.app.request import FleetRequest

    known = {f.name for f in fields(FleetRequest)}
    timeout = float(options.get("task_timeout") or 3600)
    wish = Inside(command=words, timeout=timeout, **place)
    request = FleetRequest(**{k: v for k, v in options.items() if k in known})
    return run_inside(request, wish, click.echo, warn)
