"""template: render a Jinja2 file on the controller and put it on a host."""

from __future__ import annotations

import os
import pwd
import socket
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from orchestr8.actions.transfer import Asking, read, sending
from orchestr8.core.span import Text
from orchestr8.engine.work import Work
from orchestr8.language.catalog import remote_spec
from orchestr8.remote.module import Arg
from orchestr8.template.options import Options

_WRITTEN = {r"\n": "\n", r"\r": "\r", r"\r\n": "\r\n"}
"""Newlines as YAML gives them from single quotes."""
_NEWLINES = ["\n", "\r", "\r\n", *_WRITTEN]
_OPTIONS = {
    "newline_sequence": Arg("str", "The newline of the result.", default="\n", choices=_NEWLINES),
    "block_start_string": Arg("str", "Begins a block.", default="{%"),
    "block_end_string": Arg("str", "Ends a block.", default="%}"),
    "variable_start_string": Arg("str", "Begins an expression.", default="{{"),
    "variable_end_string": Arg("str", "Ends an expression.", default="}}"),
    "comment_start_string": Arg("str", "Begins a comment.", default="{#"),
    "comment_end_string": Arg("str", "Ends a comment.", default="#}"),
    "trim_blocks": Arg("bool", "Drop the newline after a block.", default=True),
    "lstrip_blocks": Arg("bool", "Drop the blanks before a block.", default=False),
    "output_encoding": Arg("str", "Encoding of the result.", default="utf-8"),
}
_NOT_SENT = {*_OPTIONS, "src", "content", "remote_src", "local_follow", "decrypt", "directory_mode"}
_COPY = remote_spec("copy")
SPEC = replace(
    _COPY,
    name="template",
    controller=True,
    doc="Render a Jinja2 file on the controller and put it on a host.",
    args={k: v for k, v in _COPY.args.items() if k not in ("content", "remote_src", "local_follow")}
    | {"src": Arg("path", "The template.", required=True)}
    | _OPTIONS,
)


def run(work: Work) -> Asking:
    """Render and send."""
    path = work.files.find(str(work.args["src"]), "templates")
    source = read(path, work).decode("utf-8")
    given = {k: work.args[k] for k in _OPTIONS if work.args.get(k) is not None and k != "output_encoding"}
    if "newline_sequence" in given:
        given["newline_sequence"] = _WRITTEN.get(given["newline_sequence"], given["newline_sequence"])
    about = _about(path, str(work.args["dest"]))
    if (managed := _managed(work)) is not None and work.scope.get("ansible_managed") == managed:
        about["ansible_managed"] = _signed(managed, about)
    scope = work.scope.over(about)
    text = work.templar.render_file(source, path, scope, Options(**given))
    sent = {k: v for k, v in work.args.items() if k not in _NOT_SENT and v is not None}
    sent["_original_basename"] = os.path.basename(path)
    if sent.get("mode") == "preserve":
        sent["mode"] = f"{Path(path).stat().st_mode & 0o7777:04o}"
    encoding = str(work.args.get("output_encoding") or "utf-8")
    return (yield from sending(work, sent, text.encode(encoding, "surrogateescape")))


def _managed(work: Work) -> str | None:
    """Return what the settings say of files that are managed, if there are settings."""
    try:
        return str(work.templar.setting("MANAGED_STR"))
    except KeyError:
        return None


def _signed(managed: str, about: dict[str, Any]) -> Text:
    """Return the text of the setting for one template: where it is, whose, and when it was written.

    It is a template itself, with `{file}`, `{uid}`, `{host}`, doubled braces and a date. What stands in for
    the words are expressions, so that nothing in the name of a file is taken for a date or a template.
    """
    words = {"host": "template_host", "uid": "template_uid", "file": "template_path"}
    try:
        managed = managed.format(**{word: f"{{{{ {name} }}}}" for word, name in words.items()})
    except (KeyError, IndexError, ValueError):
        return Text(managed)
    return Text(about["template_mtime"].astimezone().strftime(managed) if "%" in managed else managed)


def _about(path: str, dest: str) -> dict[str, Any]:
    """Return the variables that templates may use about themselves, as Ansible names them."""
    stat = Path(path).stat()
    try:
        owner = pwd.getpwuid(stat.st_uid).pw_name
    except KeyError:
        owner = str(stat.st_uid)
    return {
        "template_host": socket.gethostname(),
        "template_path": path,
        "template_fullpath": os.path.abspath(path),
        "template_destpath": dest,
        "template_uid": owner,
        "template_mtime": datetime.fromtimestamp(stat.st_mtime, UTC),
        "template_run_date": datetime.now(UTC),
    }
