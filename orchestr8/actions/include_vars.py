"""include_vars: read variables from files while the run goes on."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from orchestr8.actions.transfer import read
from orchestr8.core.errors import Diagnostic, HostFailed, InvalidInput
from orchestr8.core.vaulted import is_sealed
from orchestr8.engine.work import Work
from orchestr8.language.catalog import ModuleSpec
from orchestr8.remote.module import Arg
from orchestr8.template.merging import over

_ENDINGS = ["yaml", "yml", "json"]
_FILE, _FOLDER = ("file", "_raw_params"), (
    "dir", "depth", "files_matching", "ignore_files", "extensions", "ignore_unknown_extensions",
)  # fmt: skip

SPEC = ModuleSpec(
    name="include_vars",
    controller=True,
    free_form="_raw_params",
    doc="Read variables from files while the run goes on.",
    args={
        "_raw_params": Arg("str", "The file."),
        "file": Arg("path", "The file."),
        "dir": Arg("path", "A folder whose files are read in name order."),
        "name": Arg("str", "Put the variables under this one."),
        "depth": Arg("int", "How deep to go into the folder; 0 is all the way."),
        "extensions": Arg("list", "Endings that a file in the folder may have.", elements="str"),
        "ignore_unknown_extensions": Arg("bool", "Leave out files with other endings; else they fail."),
        "files_matching": Arg("str", "Only files whose names match this expression."),
        "ignore_files": Arg("list", "Expressions that names to leave out end with.", elements="str"),
        "hash_behaviour": Arg(
            "str", "merge: mappings are merged with what is defined.", choices=["replace", "merge"]
        ),
    },
)


def run(work: Work) -> dict[str, Any]:
    """Return the variables as `ansible_facts`, note them, and list the files."""
    if any(name in work.args for name in _FILE) and any(name in work.args for name in _FOLDER):
        message = "You are mixing file only and dir only arguments, these are incompatible"
        raise HostFailed(Diagnostic("O8-1203", message, work.task.action_span))
    files: list[str] = []
    warnings: list[str] = []
    try:
        values = _read_all(work, files, warnings)
    except (HostFailed, InvalidInput) as error:
        told = {"failed": True, "msg": error.message, "message": error.message}
        return {"changed": False, "ansible_facts": {}, "ansible_included_var_files": files, **told}
    if name := work.args.get("name"):
        values = {str(name): values}
    if work.args.get("hash_behaviour") == "merge":
        values = {key: _merged(work, key, value) for key, value in values.items()}
    work.notes.included_variables.update(values)
    told = {"warnings": warnings} if warnings else {}
    return {"changed": False, "ansible_facts": values, "ansible_included_var_files": files, **told}


def _read_all(work: Work, files: list[str], warnings: list[str]) -> dict[str, Any]:
    """Return what the files define, the later ones over the earlier; `files` gets their paths."""
    values: dict[str, Any] = {}
    for path in _paths(work):
        data = read(path, work, is_sealed)
        document = work.files.parse(data, path)
        if document.failed:
            raise InvalidInput(*document.diagnostics)
        warnings += [f"{each.span}: {each.message}" for each in document.diagnostics]
        found = document.value
        if data != Path(path).read_bytes():
            work.templar.redactor.learn_all(found)
        if found is not None and not isinstance(found, dict):
            raise _failure(work, f"{path} must be stored as a dictionary/hash")
        files.append(os.path.abspath(path))
        values |= found or {}
    return values


def _failure(work: Work, message: str) -> HostFailed:
    return HostFailed(Diagnostic("O8-2301", message, work.task.span))


def _paths(work: Work) -> Iterator[str]:
    folder = work.args.get("dir")
    if folder:
        return _in_folder(work, _root(work, str(folder)))
    name = str(work.args.get("file") or work.args.get("_raw_params") or "").rstrip("\n")
    if not name:
        raise _failure(work, "Could not find file on the controller: no name was given")
    try:
        return iter([work.files.find(name, "vars")])
    except InvalidInput as error:
        looked = "; ".join(note for each in error.diagnostics for note in each.notes)
        raise _failure(work, f"Could not find file on the controller: {name} ({looked})") from None


def _root(work: Work, folder: str) -> str:
    try:
        root = work.files.find(folder, "vars")
    except InvalidInput:
        raise _failure(work, f"{folder} directory does not exist") from None
    if not os.path.isdir(root):
        raise _failure(work, f"{root} is not a directory")
    return root.rstrip("/") or "/"


def _in_folder(work: Work, root: str) -> Iterator[str]:
    depth = int(work.args.get("depth") or 0)
    endings = work.args.get("extensions")
    endings = _ENDINGS if endings is None else endings
    role = work.scope.get("role_path")
    for folder, _folders, names in sorted(os.walk(root, followlinks=True)):
        if depth and len(Path(folder).relative_to(root).parts) >= depth:
            continue
        for path in (os.path.join(folder, name) for name in sorted(names)):
            # A role reads its own vars/main.yml itself.
            own = role is not None and path == os.path.join(str(role), "vars", "main.yml")
            if not own and _is_wanted(work, path):
                if os.path.splitext(path)[1][1:] in endings:
                    yield path
                elif not work.args.get("ignore_unknown_extensions"):
                    listed = ", ".join(endings)
                    raise _failure(work, f"{path} does not have a valid extension: {listed}")


def _is_wanted(work: Work, path: str) -> bool:
    name = os.path.basename(path)
    matching = work.args.get("files_matching")
    try:
        if matching and not re.search(matching, name):
            return False
        ignored = any(re.search(f"{each}$", name) for each in work.args.get("ignore_files") or ())
    except re.error as error:
        raise _failure(work, f"Invalid regular expression: {error}") from None
    return not ignored and os.path.exists(path)


def _merged(work: Work, name: str, value: Any) -> Any:
    """Return a value merged into what the variable is now, mappings in mappings."""
    if not isinstance(value, Mapping) or name not in work.scope:
        return value
    return over(work.templar.render(work.scope[name], work.scope), value)
