"""Lookups of files on the controller."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from orchestr8.core.vaulted import is_encrypted
from orchestr8.template.errors import LookupFailed
from orchestr8.template.lookup import LookupCall
from orchestr8.template.options import Options
from orchestr8.template.scope import Scope
from orchestr8.template.undefined import Missing

_COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)


def file(terms: list[Any], call: LookupCall) -> Iterable[str]:
    """Yield the contents of files."""
    for term in terms:
        text = _text(call, str(term), "files")
        text = text.lstrip() if call.option("lstrip") else text
        yield text.rstrip() if call.options.get("rstrip", True) else text


def unvault(terms: list[Any], call: LookupCall) -> Iterable[str]:
    """Yield the contents of files, encrypted or not."""
    for term in terms:
        yield _text(call, str(term), "files")


def _text(call: LookupCall, name: str, folder: str) -> str:
    """Return a file's text, decrypted when it is encrypted."""
    path = call.need(name, folder)
    data = path.read_bytes()
    if not is_encrypted(data):
        return path.read_text("utf-8", "surrogateescape")
    text = call.run.templar.vault.content(data, str(path)).decode("utf-8", "surrogateescape")
    call.run.templar.redactor.learn(text)
    return text


def fileglob(terms: list[Any], call: LookupCall) -> Iterable[str]:
    """Yield the files that match patterns, in the first folder where the pattern's own folder exists."""
    for term in terms:
        pattern = Path(str(term)).expanduser()
        folder = pattern.parent if pattern.is_absolute() else call.find(str(pattern.parent), "files")
        if pattern.parent == Path() and not pattern.is_absolute():
            folder = next((each for each in call.folders("files") if any(each.glob(pattern.name))), None)
        if folder is not None:
            yield from (str(each) for each in folder.glob(pattern.name) if each.is_file())


def first_found(terms: list[Any], call: LookupCall) -> Iterable[str]:
    """Yield the first file that exists: on the search path, of loops in the task's folder first."""
    skip = bool(call.option("skip"))
    for term in terms:
        if isinstance(term, dict):
            skip = bool(term.get("skip", skip))
    if not terms and call.option("files"):
        terms = [{name: call.option(name) for name in ("files", "paths") if call.option(name)}]
    wanted = [name for term in terms for name in _candidates(term, call)]
    folder = str(call.option("task_folder", ""))
    for name in wanted:
        if (path := call.find(name, folder)) is not None:
            return [str(path)]
    if skip:
        return []
    raise LookupFailed(f"No file was found when using first_found. Looked for: {', '.join(wanted)}")


def _candidates(term: Any, call: LookupCall) -> list[str]:
    if isinstance(term, Missing):
        return []
    if isinstance(term, dict):
        files, paths = _split(term.get("files", [])), _split(term.get("paths", []))
        return [str(Path(path) / each) for path in paths for each in files] if paths else files
    if isinstance(term, (list, tuple)):
        return [name for each in term for name in _candidates(each, call)]
    if not isinstance(term, str):
        raise LookupFailed(f"a term is a string, dict or list, not {type(term).__name__!r}")
    paths = _split(call.option("paths", []))
    return [str(Path(path) / str(term)) for path in paths] if paths else [str(term)]


def _split(value: Any) -> list[str]:
    if isinstance(value, Missing):
        return []
    if isinstance(value, (list, tuple)):
        return [name for each in value for name in _split(each)]
    return [part for part in str(value).replace(";", ",").replace(":", ",").split(",") if part]


def template(terms: list[Any], call: LookupCall) -> Iterable[Any]:
    """Yield template files rendered."""
    named = (
        *("variable_start_string", "variable_end_string", "comment_start_string", "comment_end_string"),
        *("trim_blocks", "lstrip_blocks"),
    )
    chosen = {name: call.option(name) for name in named if call.option(name) not in (None, "")}
    scope = call.run.scope.over(call.option("template_vars", {}) or {})
    for term in terms:
        yield _rendered(call, str(term), Scope(*scope.layers), Options(**chosen))


def _rendered(call: LookupCall, name: str, scope: Scope, options: Options) -> Any:
    """Return a rendered template file, or the one value it gives; None for one that says nothing at all."""
    path = call.need(name, "templates")
    text = _text(call, name, "templates")
    search = tuple(str(folder) for folder in call.folders("templates"))
    rendered = call.run.templar.file_value(text, str(path), scope, options, search)
    if not isinstance(rendered, str):
        return rendered
    if not rendered.strip() and text and not _COMMENT.sub("", text).strip():
        return None
    kept = len(rendered) - len(rendered.rstrip("\n"))
    return rendered + "\n" * max(0, len(text) - len(text.rstrip("\n")) - kept)


NAMES = {
    "file": file,
    "fileglob": fileglob,
    "first_found": first_found,
    "template": template,
    "unvault": unvault,
}
